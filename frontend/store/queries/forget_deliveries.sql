-- Forget at most $2 deliveries of events that are older than $1 seconds, whatever their state.
DELETE FROM webhook_delivery WHERE (webhook, position) IN (
    SELECT webhook, position FROM webhook_delivery WHERE at < statement_timestamp() - $1::double precision * interval '1 second' ORDER BY at LIMIT $2);
