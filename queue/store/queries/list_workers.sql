-- List the workers behind the id $1, at most $2, that have reported within $3 seconds, with the number of their leases.
SELECT w.id, w.account, w.since, greatest(extract(epoch FROM clock_timestamp() - w.seen_at), 0)::float8, coalesce(l.leases, 0), w.report
FROM worker w LEFT JOIN (
    SELECT holder, worker, count(*) AS leases FROM message WHERE leased_until IS NOT NULL GROUP BY holder, worker
) l ON l.holder = w.account AND l.worker = w.name
WHERE w.id > $1 AND abs(extract(epoch FROM clock_timestamp() - w.seen_at)) <= $3
ORDER BY w.id
LIMIT $2;
