-- Find the lines: each queue, owner and priority with a waiting message, and the seq of its
-- first one, by skipping from one line to the next in the index. Also returns the dealing that
-- they are from, whether it is under way, and the last seq that there is.
WITH RECURSIVE line AS (
    SELECT q.id AS queue_id, first.owner, first.priority, first.seq
    FROM queue q CROSS JOIN LATERAL (
        SELECT m.owner, m.priority, m.seq
        FROM message m
        WHERE m.queue_id = q.id AND m.leased_until IS NULL
        ORDER BY m.owner, m.priority DESC, m.seq
        LIMIT 1) first
    UNION ALL
    SELECT line.queue_id, next.owner, next.priority, next.seq
    FROM line CROSS JOIN LATERAL (
        (SELECT m.owner, m.priority, m.seq
            FROM message m
            WHERE m.queue_id = line.queue_id AND m.owner = line.owner AND m.leased_until IS NULL AND m.priority < line.priority
            ORDER BY m.priority DESC, m.seq
            LIMIT 1)
        UNION ALL
        (SELECT m.owner, m.priority, m.seq
            FROM message m
            WHERE m.queue_id = line.queue_id AND m.leased_until IS NULL AND m.owner > line.owner
            ORDER BY m.owner, m.priority DESC, m.seq
            LIMIT 1)
        LIMIT 1) next
)
SELECT d.began_at, d.under_way, (SELECT coalesce(max(seq), 0) FROM message WHERE worker IS NULL), line.queue_id, line.owner, line.priority, line.seq
FROM dealing d LEFT JOIN line ON true;
