-- List the ids of at most $4 jobs after the cursor ($1, $2), the oldest first, in one of the states $3, of the owner $5 and on the
-- dataset $6 unless these are empty. Each state is one index scan: the server runs only the branch whose filters are asked for.
SELECT j.id
FROM unnest($3::text[]) AS s(state)
CROSS JOIN LATERAL (
    (SELECT id, created_at FROM job WHERE $5::text = '' AND $6::text = '' AND job.state = s.state AND (created_at, id) > ($1::timestamptz, $2::uuid) ORDER BY created_at, id LIMIT $4)
    UNION ALL
    (SELECT id, created_at FROM job WHERE $5::text <> '' AND $6::text = '' AND job.state = s.state AND owner = $5 AND (created_at, id) > ($1::timestamptz, $2::uuid) ORDER BY created_at, id LIMIT $4)
    UNION ALL
    (SELECT id, created_at FROM job WHERE $5::text = '' AND $6::text <> '' AND job.state = s.state AND dataset = $6 AND (created_at, id) > ($1::timestamptz, $2::uuid) ORDER BY created_at, id LIMIT $4)
    UNION ALL
    (SELECT id, created_at FROM job WHERE $5::text <> '' AND $6::text <> '' AND job.state = s.state AND owner = $5 AND dataset = $6 AND (created_at, id) > ($1::timestamptz, $2::uuid) ORDER BY created_at, id LIMIT $4)
) AS j
ORDER BY j.created_at, j.id
LIMIT $4;
