-- Lock claims out until this transaction ends, once those under way have ended.
SELECT pg_advisory_xact_lock('dealing'::regclass::oid::bigint);
