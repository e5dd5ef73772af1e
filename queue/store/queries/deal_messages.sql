-- Deal the waiting messages out again: in upload order, message i goes to active
-- queue i mod n. Messages of a paused queue stay in it; when every queue is
-- paused, all count as active. Returns how many messages were dealt from each
-- queue to each, and whether that is a move.
WITH active AS (
    SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS turn, count(*) OVER () AS n
    FROM queue
    WHERE NOT removed AND (NOT paused OR NOT EXISTS (SELECT FROM queue o WHERE NOT o.removed AND NOT o.paused))
),
waiting AS (
    SELECT m.id, m.seq, m.queue_id, q.name
    FROM message m JOIN queue q ON q.id = m.queue_id
    WHERE m.leased_until IS NULL AND (q.removed OR q.id IN (SELECT id FROM active))
    ORDER BY m.seq
    FOR UPDATE OF m
),
dealt AS (
    SELECT w.id, w.queue_id, w.name AS source, a.id AS target_id, a.name AS target
    FROM (SELECT *, row_number() OVER (ORDER BY seq) - 1 AS i FROM waiting) w JOIN active a ON a.turn = w.i % a.n
),
moved AS (
    UPDATE message m SET queue_id = d.target_id
    FROM dealt d
    WHERE m.id = d.id AND d.queue_id <> d.target_id
)
SELECT source, target, count(*), queue_id <> target_id
FROM dealt
GROUP BY queue_id, target_id, source, target
ORDER BY queue_id, target_id;
