-- List the queues in the order of their creation, with the number of waiting
-- messages of each that has a limit.
SELECT q.id, q.name, q.paused, q.max_length,
    CASE WHEN q.max_length = 0 THEN 0
    ELSE (SELECT count(*) FROM message m WHERE m.queue_id = q.id AND m.leased_until IS NULL) END
FROM queue q
WHERE NOT q.removed
ORDER BY q.id;
