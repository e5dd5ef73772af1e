-- Lock the shares until this transaction ends, while any owner or queue has a maximum of leased
-- messages: claims wait for each other, so that together they keep to it.
SELECT pg_advisory_xact_lock('share'::regclass::oid::bigint)
WHERE EXISTS (SELECT FROM share WHERE max_leased > 0) OR EXISTS (SELECT FROM queue WHERE max_leased > 0);
