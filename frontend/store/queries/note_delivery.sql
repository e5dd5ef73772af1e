-- Note how the attempt $3 to deliver the event $2 to the webhook $1 ended: the state $4, after how many seconds it is tried
-- again ($5), the status $6 and the error $7. It changes nothing once another attempt has begun.
UPDATE webhook_delivery SET state = $4, next_at = CASE WHEN $4 = 'waiting' THEN clock_timestamp() + $5::double precision * interval '1 second' END,
    last_at = clock_timestamp(), last_status = $6, last_error = $7
WHERE webhook = $1 AND position = $2 AND attempts = $3 AND state = 'waiting';
