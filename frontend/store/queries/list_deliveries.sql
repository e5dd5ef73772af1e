-- List at most $4 deliveries of the webhook $1 from before the position $3, of the state $2 unless that is empty, the latest first.
SELECT position, message, type, at, state, attempts, next_at, last_at, last_status, last_error FROM webhook_delivery
WHERE webhook = $1 AND ($2::text = '' OR state = $2) AND position < $3
ORDER BY position DESC
LIMIT $4;
