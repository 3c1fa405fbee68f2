-- Heard by the one session that listens on this channel, if anything is heard at all.
SELECT pg_notify($1, '')
