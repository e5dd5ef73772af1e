-- Lock the queues alone until this transaction ends, once nobody shares them.
SELECT pg_advisory_xact_lock('queue'::regclass::oid::bigint);
