-- Sweep removed queues that no message refers to any more. Each half has an index.
DELETE FROM queue q
WHERE q.removed
    AND NOT EXISTS (SELECT FROM message m WHERE m.queue_id = q.id AND m.leased_until IS NULL)
    AND NOT EXISTS (SELECT FROM message m WHERE m.queue_id = q.id AND m.leased_until IS NOT NULL);
