-- Plan a dealing of all waiting messages: count how many would be dealt from each queue to
-- each, and say whether that is a move. Reads only, and locks nothing.
-- $1 the name of a queue to be added, or ''; $2 of one to be removed, or ''.
--
-- Messages of a paused queue stay in it; when every queue is paused, all count as active.
WITH future AS (
    SELECT id, name, paused FROM queue WHERE NOT removed AND name <> $2
    UNION ALL
    SELECT 9223372036854775807, $1, false WHERE $1 <> ''
),
active AS (
    SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS turn, count(*) OVER () AS n
    FROM future
    WHERE NOT paused OR NOT EXISTS (SELECT FROM future WHERE NOT paused)
),
waiting AS (
    SELECT queue_id, row_number() OVER (ORDER BY seq) - 1 AS i
    FROM message
    WHERE leased_until IS NULL
        AND queue_id NOT IN (SELECT id FROM future WHERE id NOT IN (SELECT id FROM active))
),
dealt AS (
    SELECT w.queue_id, a.id AS target_id, a.name AS target, count(*) AS messages
    FROM waiting w JOIN active a ON a.turn = w.i % a.n
    GROUP BY w.queue_id, a.id, a.name
)
SELECT q.name, d.target, d.messages, d.queue_id <> d.target_id
FROM dealt d JOIN queue q ON q.id = d.queue_id
ORDER BY d.queue_id, d.target_id;
