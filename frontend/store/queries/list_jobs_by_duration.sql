-- List the ids of at most $4 jobs that have ended after the cursor ($1, $2) by how long they ran, with $5 the longest first, in one
-- of the states $3. Each state is one index scan.
SELECT j.id
FROM unnest($3::text[]) AS s(state)
CROSS JOIN LATERAL (
    (SELECT id, ended_at - started_at AS took FROM job WHERE $5::boolean AND job.state = s.state AND ended_at - started_at IS NOT NULL AND (ended_at - started_at, id) < ($1::interval, $2::uuid) ORDER BY ended_at - started_at DESC, id DESC LIMIT $4)
    UNION ALL
    (SELECT id, ended_at - started_at AS took FROM job WHERE NOT $5::boolean AND job.state = s.state AND ended_at - started_at IS NOT NULL AND (ended_at - started_at, id) > ($1::interval, $2::uuid) ORDER BY ended_at - started_at, id LIMIT $4)
) AS j
ORDER BY CASE WHEN $5 THEN j.took END DESC, CASE WHEN $5 THEN j.id END DESC, j.took, j.id
LIMIT $4;
