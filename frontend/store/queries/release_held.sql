-- Release at most $1 runs whose time has come: their entries enter the outbox, the earliest
-- first. Jobs that are being changed are left for the next time, so that nobody waits for
-- anybody. A run that is not wanted any more is forgotten: a program from before has changed its job.
WITH due AS (
    SELECT h.job, h.run, h.bytes, h.not_before, j.owner, j.run = h.run AND j.state = 'queued' AND NOT j.cancelling AS wanted
    FROM held h
    JOIN job j ON j.id = h.job
    WHERE h.waits = 0 AND h.not_before <= statement_timestamp()
    ORDER BY h.not_before, h.job
    LIMIT $1
    FOR UPDATE OF h SKIP LOCKED
    FOR KEY SHARE OF j SKIP LOCKED
), freed AS (
    DELETE FROM held USING due WHERE held.job = due.job
)
INSERT INTO outbox (job, run, action, bytes, owner)
SELECT job, run, 'enqueue', bytes, owner FROM due WHERE wanted ORDER BY not_before, job
ON CONFLICT (job, run, action) DO NOTHING;
