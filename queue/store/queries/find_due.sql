-- Find out whether a message can be leased now from the queues named $1 (null for
-- all), and in how many seconds the next back-off in them ends, if any. Messages of an
-- owner who has as many leased as allowed cannot.
WITH RECURSIVE eligible AS (
    SELECT id FROM queue
    WHERE NOT removed AND NOT paused AND ($1::text[] IS NULL OR name = ANY ($1::text[]))
    UNION ALL
    SELECT id FROM queue
    WHERE removed AND $1::text[] IS NULL AND EXISTS (SELECT FROM queue a WHERE NOT a.removed AND NOT a.paused)
),
sated AS MATERIALIZED (
    SELECT s.owner FROM share s
    WHERE s.max_leased > 0
        AND s.max_leased <= (SELECT count(*) FROM message m WHERE m.leased_until IS NOT NULL AND m.owner = s.owner)
),
line AS (
    SELECT eligible.id AS queue_id, first.owner
    FROM eligible CROSS JOIN LATERAL (
        SELECT m.owner FROM message m
        WHERE m.queue_id = eligible.id AND m.leased_until IS NULL
        ORDER BY m.owner
        LIMIT 1) first
    UNION ALL
    SELECT line.queue_id, next.owner
    FROM line CROSS JOIN LATERAL (
        SELECT m.owner FROM message m
        WHERE m.queue_id = line.queue_id AND m.leased_until IS NULL AND m.owner > line.owner
        ORDER BY m.owner
        LIMIT 1) next
)
SELECT
    EXISTS (SELECT FROM line CROSS JOIN LATERAL (
        SELECT FROM message m
        WHERE m.queue_id = line.queue_id AND m.owner = line.owner AND m.leased_until IS NULL AND m.not_before <= now()
        ORDER BY m.priority DESC, m.seq
        LIMIT 1) f
        WHERE line.owner NOT IN (SELECT owner FROM sated)),
    (SELECT extract(epoch FROM m.not_before - now())::float8
        FROM message m
        WHERE m.leased_until IS NULL AND m.not_before > '-infinity' AND m.not_before > now()
            AND m.queue_id IN (SELECT id FROM eligible)
        ORDER BY m.not_before
        LIMIT 1);
