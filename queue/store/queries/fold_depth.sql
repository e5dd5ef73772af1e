-- Fold the changes of transactions that are over into the depths of the queues. The fold is
-- locked. What transactions before the oldest that is under way have written is visible, so that
-- nothing is passed. When the last fold was in the future, this is a copy of another
-- database, which counts transactions anew.
WITH reach AS MATERIALIZED (
    SELECT CASE WHEN upto > now.xid THEN '0' ELSE upto END AS since,
        CASE WHEN upto > now.xid THEN '18446744073709551615' ELSE now.xid END AS until, now.xid
    FROM fold CROSS JOIN (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid) now
),
gone AS (
    DELETE FROM depth_change WHERE xid >= (SELECT since FROM reach) AND xid < (SELECT until FROM reach)
    RETURNING queue_id, messages
),
added AS (
    INSERT INTO depth (queue_id, messages)
    SELECT queue_id, sum(messages) FROM gone GROUP BY queue_id
    ON CONFLICT (queue_id) DO UPDATE SET messages = depth.messages + EXCLUDED.messages
)
UPDATE fold SET upto = reach.xid FROM reach WHERE EXISTS (SELECT FROM gone);
