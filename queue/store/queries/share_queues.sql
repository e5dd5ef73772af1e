-- Share the lock on the queues until this transaction ends. Every transaction
-- that locks several messages does this, so that messages are not dealt out again
-- meanwhile.
SELECT pg_advisory_xact_lock_shared('queue'::regclass::oid::bigint);
