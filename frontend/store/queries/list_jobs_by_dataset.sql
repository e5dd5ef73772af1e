-- List the ids of at most $4 jobs after the cursor ($6, $1, $2) by the name of their dataset and then their time, with $7 the last
-- name and the newest first, in one of the states $3, of the owner $5 unless that is empty. A null $6 begins before all names. Each
-- state is one index scan: the server runs only the branch that is asked for.
SELECT j.id
FROM unnest($3::text[]) AS s(state)
CROSS JOIN LATERAL (
    (SELECT id, dataset, created_at FROM job WHERE $7::boolean AND $5::text = '' AND job.state = s.state AND (dataset, created_at, id) < (coalesce($6::text, (SELECT max(name) FROM dataset)), $1::timestamptz, $2::uuid) ORDER BY dataset DESC, created_at DESC, id DESC LIMIT $4)
    UNION ALL
    (SELECT id, dataset, created_at FROM job WHERE NOT $7::boolean AND $5::text = '' AND job.state = s.state AND (dataset, created_at, id) > (coalesce($6::text, ''), $1::timestamptz, $2::uuid) ORDER BY dataset, created_at, id LIMIT $4)
    UNION ALL
    (SELECT id, dataset, created_at FROM job WHERE $7::boolean AND $5::text <> '' AND job.state = s.state AND owner = $5 AND (dataset, created_at, id) < (coalesce($6::text, (SELECT max(name) FROM dataset)), $1::timestamptz, $2::uuid) ORDER BY dataset DESC, created_at DESC, id DESC LIMIT $4)
    UNION ALL
    (SELECT id, dataset, created_at FROM job WHERE NOT $7::boolean AND $5::text <> '' AND job.state = s.state AND owner = $5 AND (dataset, created_at, id) > (coalesce($6::text, ''), $1::timestamptz, $2::uuid) ORDER BY dataset, created_at, id LIMIT $4)
) AS j
ORDER BY CASE WHEN $7 THEN j.dataset END DESC, CASE WHEN $7 THEN j.created_at END DESC, CASE WHEN $7 THEN j.id END DESC, j.dataset, j.created_at, j.id
LIMIT $4;
