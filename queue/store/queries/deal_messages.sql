-- Deal the next waiting messages in upload order: the i-th of a dealing goes to queue
-- i mod n of those dealt to. Returns how many were looked at, the seq of the last of them,
-- and how many were dealt.
-- $1 the seq after which to begin; $2 messages dealt before; $3 how many to look at;
-- $4 ids of the queues dealt to; $5 ids of those that keep their messages.
--
-- Only messages that change their queue are locked. One that is cancelled in this moment
-- had its turn. The array makes the planner find them by their ids, however many others
-- there are.
WITH next AS MATERIALIZED (
    SELECT id, seq, queue_id
    FROM message
    WHERE worker IS NULL AND seq > $1
    ORDER BY seq
    LIMIT $3
),
dealt AS MATERIALIZED (
    SELECT id, queue_id, ($4::bigint[])[1 + ($2::bigint + row_number() OVER (ORDER BY seq) - 1) % cardinality($4::bigint[])] AS target
    FROM next
    WHERE queue_id <> ALL ($5::bigint[])
),
moved AS (
    UPDATE message m SET queue_id = d.target
    FROM dealt d
    WHERE m.id = ANY (ARRAY (SELECT id FROM dealt WHERE queue_id <> target)) AND m.id = d.id AND m.leased_until IS NULL
    RETURNING d.queue_id AS source, d.target
),
counted AS (
    INSERT INTO depth_change (queue_id, messages)
    SELECT queue_id, sum(messages)
    FROM (SELECT source AS queue_id, - count(*) AS messages FROM moved GROUP BY source
        UNION ALL
        SELECT target, count(*) FROM moved GROUP BY target) c
    GROUP BY queue_id
)
SELECT count(*), coalesce(max(seq), $1::bigint), (SELECT count(*) FROM dealt) FROM next;
