-- List the readers of the feed, with how many results each has not read, at most $1, and the age of the first of these in seconds.
SELECT r.account, r.name, unread.n::float8, coalesce(extract(epoch FROM clock_timestamp() - unread.first), 0)::float8
FROM reader r CROSS JOIN LATERAL (
    SELECT count(*) AS n, min(e.ended_at) AS first
    FROM (SELECT ended_at FROM ended WHERE position > r.position ORDER BY position LIMIT $1) e
) unread
ORDER BY r.account, r.name
LIMIT 100;
