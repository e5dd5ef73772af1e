-- Drop the entry that enqueues run $2 of the job $1, if it was never sent, and with it
-- the one that would cancel the run. Returns a row if it did.
WITH dropped AS (
    DELETE FROM outbox WHERE job = $1 AND run = $2 AND action = 'enqueue' AND taken_at IS NULL AND NOT maybe_sent
    RETURNING job, run
), cancellation AS (
    DELETE FROM outbox o USING dropped d WHERE o.job = d.job AND o.run = d.run AND o.action = 'cancel'
)
SELECT job FROM dropped;
