-- Place a waiting message in the line: how many messages are expected to be leased
-- before it, and how many were ended in a second lately, null when none were.
-- $1 id; $2 count up to so many.
--
-- Before it come its owner's messages of a higher priority or an earlier upload, and, since
-- owners take turns, as many of each other owner, by weight, as it has before it and one more.
-- The weights and maxima of queues, and the maxima of owners, are ignored: the place is that for
-- workers that ask for all queues, of the same weight.
WITH RECURSIVE asked AS (
    SELECT m.queue_id, m.owner, m.priority, m.seq, coalesce(s.weight, 1) AS weight
    FROM message m LEFT JOIN share s ON s.owner = m.owner
    WHERE m.id = $1::text::uuid AND m.leased_until IS NULL
),
active AS MATERIALIZED (
    SELECT q.id FROM queue q CROSS JOIN asked WHERE NOT q.removed AND NOT q.paused OR q.id = asked.queue_id
),
own AS MATERIALIZED (
    SELECT count(*) AS n
    FROM (SELECT FROM asked a CROSS JOIN active q CROSS JOIN LATERAL (
        (SELECT 1 FROM message m
            WHERE m.queue_id = q.id AND m.owner = a.owner AND m.leased_until IS NULL AND m.priority > a.priority
            LIMIT $2::int)
        UNION ALL
        (SELECT 1 FROM message m
            WHERE m.queue_id = q.id AND m.owner = a.owner AND m.leased_until IS NULL AND m.priority = a.priority AND m.seq < a.seq
            LIMIT $2::int)) before
        LIMIT $2::int) c
),
line AS (
    SELECT q.id, first.owner, 1 AS place
    FROM active q CROSS JOIN LATERAL (
        SELECT m.owner FROM message m
        WHERE m.queue_id = q.id AND m.leased_until IS NULL
        ORDER BY m.owner
        LIMIT 1) first
    UNION ALL
    SELECT line.id, next.owner, line.place + 1
    FROM line CROSS JOIN LATERAL (
        SELECT m.owner FROM message m
        WHERE m.queue_id = line.id AND m.leased_until IS NULL AND m.owner > line.owner
        ORDER BY m.owner
        LIMIT 1) next
    WHERE line.place < 1000
),
turn AS (
    SELECT o.owner, 1 + ceil(own.n * coalesce(s.weight, 1)::float8 / asked.weight)::bigint AS n
    FROM (SELECT DISTINCT owner FROM line) o CROSS JOIN asked CROSS JOIN own LEFT JOIN share s ON s.owner = o.owner
    WHERE o.owner <> asked.owner
),
other AS (
    SELECT coalesce(sum(c.n), 0) AS n
    FROM turn CROSS JOIN LATERAL (
        SELECT count(*) AS n
        FROM (SELECT FROM active q CROSS JOIN LATERAL (
            SELECT FROM message m
            WHERE m.queue_id = q.id AND m.owner = turn.owner AND m.leased_until IS NULL
            LIMIT least(turn.n, $2::int)) m
            LIMIT least(turn.n, $2::int)) m) c
),
lately AS (
    SELECT count(*) AS n, min(ended_at) AS since
    FROM (SELECT ended_at FROM ended ORDER BY position DESC LIMIT 1000) e
    WHERE ended_at > clock_timestamp() - interval '1 minute'
)
SELECT least(own.n + other.n, $2::int)::int,
    CASE WHEN lately.n = 1000 THEN 1000 / extract(epoch FROM greatest(clock_timestamp() - since, interval '1 millisecond'))
        WHEN lately.n > 0 THEN lately.n / 60.0 END::float8
FROM asked CROSS JOIN own CROSS JOIN other CROSS JOIN lately;
