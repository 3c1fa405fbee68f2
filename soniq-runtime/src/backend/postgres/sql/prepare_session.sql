-- Nothing of this is done behind a pooler, where another client would inherit it.
-- A role's limit on idle sessions is for those that were forgotten; before Postgres 14 there is none.
SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout';
-- A session whose client vanished without a word ends within half a minute, and its liveness lock
-- with it. Without effect on a Unix socket.
SET tcp_keepalives_idle = 5;
SET tcp_keepalives_interval = 5;
SET tcp_keepalives_count = 3;
SET tcp_user_timeout = '20s';
LISTEN soniq_new_job;
LISTEN soniq_job_called_off
