-- Count the waiting messages in each queue that has a limit, up to the limit, and say up to
-- which seq they were counted. This may take long, and comes before the lock on the deal.
SELECT q.id, (SELECT count(*) FROM (SELECT FROM message m WHERE m.queue_id = q.id AND m.leased_until IS NULL LIMIT q.max_length) m),
    (SELECT coalesce(max(seq), 0) FROM message WHERE worker IS NULL)
FROM queue q
WHERE NOT q.removed AND q.max_length > 0;
