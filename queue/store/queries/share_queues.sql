-- Keep the queues as they are until this transaction ends: for whoever locks
-- several messages, so that no dealing of all runs against it.
SELECT pg_advisory_xact_lock_shared('queue'::regclass::oid::bigint)
