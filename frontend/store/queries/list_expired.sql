-- List at most $2 jobs that ended more than $1 seconds ago, in one of the states $3, the oldest first. Each state is an index scan.
SELECT j.id
FROM unnest($3::text[]) AS s(state)
CROSS JOIN LATERAL (
    SELECT id, ended_at FROM job
    WHERE job.state = s.state AND ended_at < (SELECT clock_timestamp() - $1::double precision * interval '1 second')
    ORDER BY ended_at
    LIMIT $2
) AS j
ORDER BY j.ended_at
LIMIT $2;
