-- List the ids of at most $4 jobs after the cursor ($1, $2), the newest first, in one of
-- the states $3 and on the dataset $5. Each state is an index scan.
SELECT j.id
FROM unnest($3::text[]) AS s(state)
CROSS JOIN LATERAL (
    SELECT id, created_at FROM job
    WHERE job.state = s.state AND dataset = $5 AND (created_at, id) < ($1::timestamptz, $2::uuid)
    ORDER BY created_at DESC, id DESC
    LIMIT $4
) AS j
ORDER BY j.created_at DESC, j.id DESC
LIMIT $4;
