-- End messages, which this transaction has locked: move them to the feed, at the
-- next positions in the order of the arrays. The newest row of the feed is the greatest, also
-- when it has grown before it could be locked.
WITH asked AS (
    SELECT *
    FROM unnest($1::text[]::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::boolean[], $7::integer[])
        WITH ORDINALITY AS a (id, outcome, result, parts, error, by_holder, attempts, place)
),
turn AS (
    UPDATE feed SET last = last + cardinality($1::text[])
    WHERE last >= (SELECT last FROM feed ORDER BY last DESC LIMIT 1)
    RETURNING last - cardinality($1::text[]) AS base
),
gone AS (
    DELETE FROM message WHERE id = ANY ($1::text[]::uuid[])
    RETURNING *
),
counted AS (
    INSERT INTO depth_change (queue_id, messages) SELECT queue_id, - count(*) FROM gone GROUP BY queue_id
)
INSERT INTO ended (position, id, key, seq, priority, payload, revision, attempts, token, holder, by_holder,
    outcome, result, parts, error, enqueued_at, leased_at, request_id, owner, traceparent, past)
SELECT (SELECT base FROM turn) + a.place, g.id, g.key, g.seq, g.priority, CASE WHEN a.outcome <> 'completed' THEN g.payload END,
    g.revision, a.attempts, g.token, g.holder, a.by_holder, a.outcome, a.result, a.parts, a.error, g.enqueued_at, g.leased_at, g.request_id, g.owner, g.traceparent, g.past
FROM asked a JOIN gone g ON g.id = a.id;
