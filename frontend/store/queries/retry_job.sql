-- Retry a job that ended without an answer, as a new message whose first revision
-- is this version.
WITH again AS (
    UPDATE job
    SET state = 'queued', run = run + 1, version = version + 1, base = version,
        started_at = NULL, ended_at = NULL, attempts = 0, error = NULL, cancelling = false
    WHERE id = $1
    RETURNING id
), gone_replacement AS (
    DELETE FROM replacement WHERE job = $1
), gone AS (
    DELETE FROM result WHERE job = $1
), gone_parts AS (
    DELETE FROM result_part WHERE job = $1
)
INSERT INTO outbox (job, action, bytes) SELECT id, 'enqueue', $2::integer FROM again;
