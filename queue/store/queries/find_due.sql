-- Find out whether a message can be leased now from the queues named $1 (null for
-- all), and in how many seconds the next back-off in them ends, if any.
WITH eligible AS (
    SELECT id FROM queue
    WHERE NOT removed AND NOT paused AND ($1::text[] IS NULL OR name = ANY ($1::text[]))
)
SELECT
    EXISTS (SELECT FROM eligible CROSS JOIN LATERAL (
        SELECT FROM message m
        WHERE m.queue_id = eligible.id AND m.leased_until IS NULL AND m.not_before <= now()
        ORDER BY m.priority DESC, m.seq
        LIMIT 1) f),
    (SELECT extract(epoch FROM m.not_before - now())::float8
        FROM message m
        WHERE m.leased_until IS NULL AND m.not_before > '-infinity' AND m.not_before > now()
            AND m.queue_id IN (SELECT id FROM eligible)
        ORDER BY m.not_before
        LIMIT 1);
