-- List the owners who have messages in flight, or a share of their own, by name, after $1 (null for
-- all) and $2 at most. The waiting messages are counted up to $3.
WITH RECURSIVE waiting AS (
    (SELECT owner FROM (SELECT q.id FROM queue q) q CROSS JOIN LATERAL (
        SELECT m.owner FROM message m
        WHERE m.queue_id = q.id AND m.leased_until IS NULL AND ($1::text IS NULL OR m.owner > $1)
        ORDER BY m.owner
        LIMIT 1) first
    ORDER BY owner
    LIMIT 1)
    UNION ALL
    (SELECT next.owner FROM waiting CROSS JOIN LATERAL (
        SELECT n.owner FROM queue q CROSS JOIN LATERAL (
            SELECT m.owner FROM message m
            WHERE m.queue_id = q.id AND m.leased_until IS NULL AND m.owner > waiting.owner
            ORDER BY m.owner
            LIMIT 1) n
        ORDER BY n.owner
        LIMIT 1) next)
),
page AS (
    SELECT owner FROM (SELECT owner FROM waiting LIMIT $2) w
    UNION SELECT owner FROM share WHERE $1::text IS NULL OR owner > $1
    UNION SELECT owner FROM message WHERE leased_until IS NOT NULL AND ($1::text IS NULL OR owner > $1)
    ORDER BY owner
    LIMIT $2
)
SELECT page.owner, coalesce(s.weight, 1), coalesce(s.max_leased, 0),
    (SELECT count(*) FROM (SELECT FROM queue q CROSS JOIN LATERAL (
        SELECT FROM message m WHERE m.queue_id = q.id AND m.owner = page.owner AND m.leased_until IS NULL LIMIT $3) m LIMIT $3) c),
    (SELECT count(*) FROM message m WHERE m.leased_until IS NOT NULL AND m.owner = page.owner)
FROM page LEFT JOIN share s ON s.owner = page.owner
ORDER BY page.owner;
