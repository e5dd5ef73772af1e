-- Wait until nobody shares the queues, and have them alone until this
-- transaction ends.
SELECT pg_advisory_xact_lock('queue'::regclass::oid::bigint)
