-- Redeliver at most $5 deliveries of the webhook $1 that ended in the state $2, of events from the time $3 to before $4; null
-- means any. Returns how many.
WITH chosen AS (
    SELECT webhook, position FROM webhook_delivery
    WHERE webhook = $1 AND state = $2 AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4)
    ORDER BY position
    LIMIT $5
    FOR UPDATE
), queued AS (
    UPDATE webhook_delivery AS d SET state = 'waiting', attempts = 0, next_at = clock_timestamp()
    FROM chosen
    WHERE d.webhook = chosen.webhook AND d.position = chosen.position
    RETURNING d.position
)
SELECT count(*) FROM queued;
