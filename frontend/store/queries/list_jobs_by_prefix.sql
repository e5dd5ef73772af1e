-- List the ids from $1 to $2 of at most $3 jobs, the newest first: ids begin with the time.
SELECT id FROM job
WHERE id BETWEEN $1 AND $2
ORDER BY id DESC
LIMIT $3;
