-- Redrive messages that ended without a result: they wait again like new ones, at
-- their old place in the upload order, dealt over the queues $3 from turn $4 on.
-- One that was never leased gets a token that was never given: claim_messages looks for it
-- apart from its line. Their rows in the feed stay. Rows are locked by position, as by purge_dead_letters. Returns their ids
-- and queues.
-- $1 positions; $2 whether only dead letters.
WITH chosen AS MATERIALIZED (
    SELECT position
    FROM ended
    WHERE position = ANY ($1::bigint[]) AND payload IS NOT NULL AND NOT redriven AND (outcome = 'dead' OR NOT $2)
    ORDER BY position
    FOR UPDATE
),
old AS (
    SELECT e.* FROM ended e WHERE e.position = ANY (ARRAY (SELECT position FROM chosen))
),
marked AS (
    UPDATE ended e SET redriven = true, payload = NULL
    WHERE e.position = ANY (ARRAY (SELECT position FROM chosen))
)
INSERT INTO message (id, seq, key, queue_id, priority, payload, revision, token, settled, last_error, enqueued_at, request_id, owner, traceparent, past)
SELECT id, seq, key, ($3::bigint[])[1 + ($4 + row_number() OVER (ORDER BY seq) - 1) % cardinality($3::bigint[])],
    priority, payload, revision, greatest(token, 1), greatest(token, 1), error, enqueued_at, request_id, owner, traceparent, past
FROM old
RETURNING id::text, queue_id;
