-- create_job stores a job with the intention to enqueue it. It stores nothing,
-- and returns no row, when the subject $3 used the idempotency key $7 before.
WITH made AS (
    INSERT INTO job (id, owner, subject, dataset, dataset_version, spec, idempotency, request)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (subject, idempotency) WHERE idempotency IS NOT NULL DO NOTHING
    RETURNING id, created_at
), intention AS (
    INSERT INTO outbox (job, action, bytes) SELECT id, 'enqueue', $9::integer FROM made
)
SELECT created_at FROM made;
