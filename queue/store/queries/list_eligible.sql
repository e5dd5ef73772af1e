-- List the queues that a claim from the queues named $1, null for all, takes messages from: those that have
-- fewer leased than their maximum.
SELECT id FROM queue
WHERE (NOT removed AND NOT paused AND ($1::text[] IS NULL OR name = ANY ($1::text[])) OR removed AND $1::text[] IS NULL)
    AND CASE WHEN max_leased = 0 THEN true
        ELSE max_leased > (SELECT count(*) FROM message m WHERE m.leased_until IS NOT NULL AND m.queue_id = queue.id) END;
