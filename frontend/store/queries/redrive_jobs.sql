-- Redrive jobs: the queue says that the messages of the runs $2 of the jobs $1 had ended and
-- wait again. A job that ended with its current run, in one of the states $3, is queued
-- again. A job of the states $4 has not heard of that end; if it is being cancelled, the
-- queue may have been asked too early, and is asked again. For a run that is not current any
-- more nobody waits: it is cancelled. Returns the jobs that were queued again, their runs
-- and the states that they had.
WITH noted AS MATERIALIZED (
    SELECT j.id, j.run AS current, j.state, j.owner, j.cancelling, a.run
    FROM unnest($1::uuid[], $2::integer[]) AS a (job, run)
    JOIN job j ON j.id = a.job
    WHERE j.id = ANY ($1::uuid[]) -- by the index, whatever the planner knows
    ORDER BY j.id
    FOR UPDATE OF j
), queued AS (
    UPDATE job
    SET state = 'queued', progress = 0, started_at = NULL, ended_at = NULL, attempts = 0, error = NULL, cancelling = false
    FROM noted n
    WHERE job.id = n.id AND n.run = n.current AND n.state = ANY ($3::text[])
    RETURNING n.id, n.run, n.state
), cancelled AS (
    INSERT INTO outbox (job, run, action, bytes, owner, maybe_sent)
    SELECT n.id, n.run, 'cancel', 0, n.owner, true
    FROM noted n
    WHERE n.run < n.current OR n.run = n.current AND n.cancelling AND n.state = ANY ($4::text[])
    ON CONFLICT (job, run, action) DO NOTHING
)
SELECT id, run, state FROM queued;
