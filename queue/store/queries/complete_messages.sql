-- Complete messages with whole results, and move them to the feed, at the next positions in the order of
-- their places: those whose token is the greatest and can still end them. Returns how many.
-- $1 ids, in their order; $2 tokens; $3 results; $4 places; $5 the account. This is
-- end_messages without a look at the messages before, for completions that only have to be accepted.
--
-- The messages are locked in the order of their ids, and the feed after them, because its new
-- position depends on how many they are.
WITH gone AS (
    DELETE FROM message m
    USING unnest($1::text[]::uuid[], $2::bigint[], $3::text[], $4::integer[]) AS a (id, token, result, place)
    WHERE m.id = a.id AND m.token = a.token AND m.settled < m.token AND m.holder IN ($5, '')
    RETURNING m.id, m.key, m.seq, m.queue_id, m.priority, m.revision, m.attempts, m.token, m.holder, m.enqueued_at, m.leased_at, m.request_id, m.owner, m.traceparent, m.past,
        a.result, a.place
),
counted AS (
    INSERT INTO depth_change (queue_id, messages) SELECT queue_id, - count(*) FROM gone GROUP BY queue_id
),
dropped AS (
    DELETE FROM part p WHERE p.message_id = ANY (ARRAY (SELECT id FROM gone WHERE EXISTS (SELECT FROM part)))
),
turn AS (
    UPDATE feed SET last = last + (SELECT count(*) FROM gone)
    WHERE last >= (SELECT last FROM feed ORDER BY last DESC LIMIT 1)
    RETURNING last - (SELECT count(*) FROM gone) AS base
),
ended AS (
    INSERT INTO ended (position, id, key, seq, priority, payload, revision, attempts, token, holder, by_holder,
        outcome, result, parts, error, enqueued_at, leased_at, request_id, owner, traceparent, past)
    SELECT (SELECT base FROM turn) + row_number() OVER (ORDER BY g.place), g.id, g.key, g.seq, g.priority, NULL,
        g.revision, g.attempts, g.token, g.holder, true, 'completed', g.result, 0, NULL, g.enqueued_at, g.leased_at, g.request_id, g.owner, g.traceparent, g.past
    FROM gone g
)
SELECT count(*) FROM gone;
