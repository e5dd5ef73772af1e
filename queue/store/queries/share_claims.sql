-- Share the right to claim messages until this transaction ends, and wait for the step of
-- a dealing: a claim must not take messages out of turn because the step has locked those
-- before them.
SELECT pg_advisory_xact_lock_shared('dealing'::regclass::oid::bigint);
