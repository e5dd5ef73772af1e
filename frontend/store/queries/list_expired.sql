-- List at most $2 jobs that ended more than $1 seconds ago, the oldest first.
SELECT id FROM job
WHERE ended_at < clock_timestamp() - $1::double precision * interval '1 second'
ORDER BY ended_at
LIMIT $2;
