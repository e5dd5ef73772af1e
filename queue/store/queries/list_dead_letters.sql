-- List the dead letters after a position, oldest first.
SELECT position, id::text, key, priority, attempts, error, enqueued_at, ended_at, payload
FROM ended
WHERE outcome = 'dead' AND payload IS NOT NULL AND position > $1
ORDER BY position
LIMIT $2;
