-- List at most $1 workers that hold leases and have not reported within $2 seconds, by name.
SELECT m.holder, m.worker, count(*)
FROM message m
WHERE m.leased_until IS NOT NULL AND NOT EXISTS (
    SELECT FROM worker w WHERE w.account = m.holder AND w.name = m.worker AND abs(extract(epoch FROM clock_timestamp() - w.seen_at)) <= $2)
GROUP BY m.worker, m.holder
ORDER BY m.worker, m.holder
LIMIT $1;
