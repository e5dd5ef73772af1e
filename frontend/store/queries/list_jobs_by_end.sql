-- List the ids of at most $4 jobs that have ended after the cursor ($1, $2) by their end, with $7 the latest first, in one of the
-- states $3, of the owner $5 and on the dataset $6 unless these are empty. Each state is one index scan: the server runs only the
-- branch that is asked for.
SELECT j.id
FROM unnest($3::text[]) AS s(state)
CROSS JOIN LATERAL (
    (SELECT id, ended_at FROM job WHERE $7::boolean AND $5::text = '' AND $6::text = '' AND job.state = s.state AND ended_at IS NOT NULL AND (ended_at, id) < ($1::timestamptz, $2::uuid) ORDER BY ended_at DESC, id DESC LIMIT $4)
    UNION ALL
    (SELECT id, ended_at FROM job WHERE NOT $7::boolean AND $5::text = '' AND $6::text = '' AND job.state = s.state AND ended_at IS NOT NULL AND (ended_at, id) > ($1::timestamptz, $2::uuid) ORDER BY ended_at, id LIMIT $4)
    UNION ALL
    (SELECT id, ended_at FROM job WHERE $7::boolean AND $5::text <> '' AND $6::text = '' AND job.state = s.state AND owner = $5 AND ended_at IS NOT NULL AND (ended_at, id) < ($1::timestamptz, $2::uuid) ORDER BY ended_at DESC, id DESC LIMIT $4)
    UNION ALL
    (SELECT id, ended_at FROM job WHERE NOT $7::boolean AND $5::text <> '' AND $6::text = '' AND job.state = s.state AND owner = $5 AND ended_at IS NOT NULL AND (ended_at, id) > ($1::timestamptz, $2::uuid) ORDER BY ended_at, id LIMIT $4)
    UNION ALL
    (SELECT id, ended_at FROM job WHERE $7::boolean AND $5::text = '' AND $6::text <> '' AND job.state = s.state AND dataset = $6 AND ended_at IS NOT NULL AND (ended_at, id) < ($1::timestamptz, $2::uuid) ORDER BY ended_at DESC, id DESC LIMIT $4)
    UNION ALL
    (SELECT id, ended_at FROM job WHERE NOT $7::boolean AND $5::text = '' AND $6::text <> '' AND job.state = s.state AND dataset = $6 AND ended_at IS NOT NULL AND (ended_at, id) > ($1::timestamptz, $2::uuid) ORDER BY ended_at, id LIMIT $4)
    UNION ALL
    (SELECT id, ended_at FROM job WHERE $7::boolean AND $5::text <> '' AND $6::text <> '' AND job.state = s.state AND owner = $5 AND dataset = $6 AND ended_at IS NOT NULL AND (ended_at, id) < ($1::timestamptz, $2::uuid) ORDER BY ended_at DESC, id DESC LIMIT $4)
    UNION ALL
    (SELECT id, ended_at FROM job WHERE NOT $7::boolean AND $5::text <> '' AND $6::text <> '' AND job.state = s.state AND owner = $5 AND dataset = $6 AND ended_at IS NOT NULL AND (ended_at, id) > ($1::timestamptz, $2::uuid) ORDER BY ended_at, id LIMIT $4)
) AS j
ORDER BY CASE WHEN $7 THEN j.ended_at END DESC, CASE WHEN $7 THEN j.id END DESC, j.ended_at, j.id
LIMIT $4;
