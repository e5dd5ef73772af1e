-- Share the lock on the queues until this transaction ends. Every transaction
-- that locks several messages does, so that no dealing of all runs beside it.
SELECT pg_advisory_xact_lock_shared('queue'::regclass::oid::bigint);
