-- Lock the queues exclusively until this transaction ends, once no other shares
-- them.
SELECT pg_advisory_xact_lock('queue'::regclass::oid::bigint);
