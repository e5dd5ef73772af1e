-- Wake the long polls on a topic when this transaction commits.
SELECT pg_notify('foliocast_queue_' || 'message'::regclass::oid::bigint, $1)
