-- Half of each page is left free for the versions of its rows that a claim and a completion write.
-- A version that fits beside the one before it is logged as the difference between the two; one that
-- does not, whole, with a lock of the old one in the log before it. By the completion the versions of
-- before the claim are dead, and give their room back. Only what is written from now on is laid out so.

ALTER TABLE soniq_jobs SET (fillfactor = 50);
