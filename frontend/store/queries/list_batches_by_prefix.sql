-- List at most $3 batches with ids from $1 to $2, the newest first: ids begin with the time.
SELECT id, name, owner, created_at, size FROM batch
WHERE id BETWEEN $1 AND $2
ORDER BY id DESC
LIMIT $3;
