-- Sweep removed queues that no message refers to any more.
DELETE FROM queue q WHERE q.removed AND NOT EXISTS (SELECT FROM message m WHERE m.queue_id = q.id);
