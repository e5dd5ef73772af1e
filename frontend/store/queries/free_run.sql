-- Free run $2 of the job $1, if it is held back: its entry enters the outbox.
WITH freed AS (
    DELETE FROM held WHERE job = $1 AND run = $2 RETURNING job, run, bytes
), waits AS (
    DELETE FROM predecessor WHERE job = $1
)
INSERT INTO outbox (job, run, action, bytes, owner)
SELECT freed.job, freed.run, 'enqueue', freed.bytes, j.owner FROM freed JOIN job j ON j.id = freed.job
ON CONFLICT (job, run, action) DO NOTHING;
