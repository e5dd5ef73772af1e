-- List the queues in the order of their creation, with their messages counted and the age of
-- the oldest that waits.
--
-- Only what is leased is read for the counts: depth has those in flight up to the last fold, and what
-- has come and gone since is in depth_change (see fold_depth). The oldest message is the
-- oldest of those that are first in a line, of one owner and one priority. These are found by
-- skipping from one line to the next in the index, 10000 at most in each queue.
WITH RECURSIVE since AS MATERIALIZED (
    SELECT CASE WHEN upto > pg_snapshot_xmin(pg_current_snapshot()) THEN '0' ELSE upto END AS xid FROM fold
),
counted AS MATERIALIZED (
    SELECT queue_id, sum(messages) AS messages
    FROM (SELECT queue_id, messages FROM depth
        UNION ALL
        SELECT queue_id, messages FROM depth_change WHERE xid >= (SELECT xid FROM since)) c
    GROUP BY queue_id
),
leased AS MATERIALIZED (
    SELECT queue_id, count(*) AS messages FROM message WHERE leased_until IS NOT NULL GROUP BY queue_id
),
line AS (
    SELECT q.id, first.*, 1 AS place
    FROM queue q CROSS JOIN LATERAL (
        SELECT m.owner, m.priority, m.enqueued_at
        FROM message m
        WHERE m.queue_id = q.id AND m.leased_until IS NULL
        ORDER BY m.owner, m.priority DESC, m.seq
        LIMIT 1) first
    WHERE NOT q.removed
    UNION ALL
    SELECT line.id, next.*, line.place + 1
    FROM line CROSS JOIN LATERAL (
        (SELECT m.owner, m.priority, m.enqueued_at
            FROM message m
            WHERE m.queue_id = line.id AND m.leased_until IS NULL AND m.owner = line.owner AND m.priority < line.priority
            ORDER BY m.priority DESC, m.seq
            LIMIT 1)
        UNION ALL
        (SELECT m.owner, m.priority, m.enqueued_at
            FROM message m
            WHERE m.queue_id = line.id AND m.leased_until IS NULL AND m.owner > line.owner
            ORDER BY m.owner, m.priority DESC, m.seq
            LIMIT 1)
        LIMIT 1) next
    WHERE line.place < 10000
),
oldest AS (
    SELECT id, min(enqueued_at) AS at FROM line GROUP BY id
)
SELECT q.name, q.paused, q.max_length, q.weight, q.max_leased, greatest(coalesce(c.messages, 0) - coalesce(l.messages, 0), 0)::bigint, coalesce(l.messages, 0),
    greatest(coalesce(extract(epoch FROM clock_timestamp() - o.at), 0), 0)::float8
FROM queue q LEFT JOIN counted c ON c.queue_id = q.id LEFT JOIN leased l ON l.queue_id = q.id LEFT JOIN oldest o ON o.id = q.id
WHERE NOT q.removed
ORDER BY q.id;
