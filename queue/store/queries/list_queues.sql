-- List the queues in the order of their creation, with their messages counted.
SELECT q.name, q.paused, q.max_length, coalesce(c.waiting, 0), coalesce(c.leased, 0), coalesce(c.oldest, 0)
FROM queue q
LEFT JOIN (
    SELECT queue_id,
        count(*) FILTER (WHERE leased_until IS NULL) AS waiting,
        count(*) FILTER (WHERE leased_until IS NOT NULL) AS leased,
        greatest(extract(epoch FROM now() - min(enqueued_at) FILTER (WHERE leased_until IS NULL)), 0)::float8 AS oldest
    FROM message
    GROUP BY queue_id
) c ON c.queue_id = q.id
WHERE NOT q.removed
ORDER BY q.id;
