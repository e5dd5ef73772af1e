-- Create a job with the entry in the outbox that enqueues it. Create nothing, and
-- return no row, if the subject $3 has used the idempotency key $7 before, or if
-- version $5 must be the newest of its dataset ($10) and is not. The column $13 is the
-- version's own unless it is a further one. $15 and $16 are the request and its sender, $17 is the batch, $18 its span,
-- and $19 the line of the batch's request. With $20 the entry counts as taken: its caller sends it.
-- The locks keep the version, and that of the rates ($11, $12), from being removed at the
-- same moment.
WITH usable AS (
    SELECT name FROM dataset_version WHERE name = $4::text AND version = $5::integer AND removed_at IS NULL FOR KEY SHARE
), usable_rates AS (
    SELECT name FROM dataset_version WHERE name = $11::text AND version = $12::integer AND removed_at IS NULL FOR KEY SHARE
), made AS (
    INSERT INTO job (id, owner, subject, dataset, dataset_version, spec, idempotency, request, rates, rates_version, brief, dataset_column, request_id, requested_by, batch, traceparent, batch_line)
    SELECT $1::uuid, $2::text, $3::text, $4::text, $5::integer, $6::json, $7::bytea, $8::bytea, $11::text, $12::integer, $14::json,
        (SELECT column_name FROM dataset_column WHERE name = $4 AND version = $5 AND column_name = $13::text),
        $15::text, $16::text, $17::uuid, $18::text, $19::integer
    WHERE EXISTS (SELECT FROM usable) AND ($11 IS NULL OR EXISTS (SELECT FROM usable_rates))
        AND (NOT $10::boolean OR EXISTS (SELECT FROM dataset WHERE name = $4 AND newest = $5))
    ON CONFLICT (subject, idempotency) WHERE idempotency IS NOT NULL DO NOTHING
    RETURNING id, created_at
), entry AS (
    INSERT INTO outbox (job, run, action, bytes, owner, taken_at)
    SELECT id, 1, 'enqueue', $9::integer, $2::text, CASE WHEN $20::boolean THEN statement_timestamp() END FROM made
    RETURNING id, taken_at
)
SELECT made.created_at, entry.id, entry.taken_at FROM made CROSS JOIN entry;
