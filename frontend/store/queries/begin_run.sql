-- Begin run $2 of the job $1 as version $3, if its state is one of $4. Delete the
-- result of the run before, and add a message of about $5 bytes to the outbox.
-- $6 and $7 are the request and its sender.
WITH begun AS (
    UPDATE job
    SET state = 'queued', run = $2, version = $3,
        progress = 0, started_at = NULL, ended_at = NULL, attempts = 0, error = NULL, cancelling = false,
        request_id = $6, requested_by = $7, queued_at = clock_timestamp(), applied_at = NULL, passage = NULL
    WHERE id = $1 AND state = ANY ($4)
    RETURNING id, run, owner
), deleted AS (
    DELETE FROM result USING begun WHERE job = begun.id
), deleted_parts AS (
    DELETE FROM result_part USING begun WHERE job = begun.id
)
INSERT INTO outbox (job, run, action, bytes, owner) SELECT id, run, 'enqueue', $5::integer, owner FROM begun;
