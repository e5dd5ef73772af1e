-- Count all messages, and correct the depths of the queues, whose fold is locked. Changes that
-- this snapshot sees are in depth_change as well as in the messages. Returns how many queues
-- had another depth.
WITH counted AS MATERIALIZED (
    SELECT queue_id, sum(messages) AS messages
    FROM (SELECT queue_id, count(*) AS messages FROM message GROUP BY queue_id
        UNION ALL
        SELECT queue_id, - sum(messages) FROM depth_change GROUP BY queue_id) c
    GROUP BY queue_id
),
wrong AS MATERIALIZED (
    SELECT queue_id, coalesce(c.messages, 0) AS messages
    FROM depth d FULL JOIN counted c USING (queue_id)
    WHERE coalesce(d.messages, 0) <> coalesce(c.messages, 0)
),
corrected AS (
    INSERT INTO depth (queue_id, messages) SELECT queue_id, messages FROM wrong
    ON CONFLICT (queue_id) DO UPDATE SET messages = EXCLUDED.messages
),
forgotten AS (
    DELETE FROM depth d
    WHERE messages = 0 AND NOT EXISTS (SELECT FROM queue q WHERE q.id = d.queue_id) AND d.queue_id NOT IN (SELECT queue_id FROM wrong)
),
noted AS (
    UPDATE fold SET counted_at = now()
)
SELECT count(*) FROM wrong;
