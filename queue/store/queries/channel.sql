-- The channel that notify.sql speaks on.
SELECT 'foliocast_queue_' || 'message'::regclass::oid::bigint
