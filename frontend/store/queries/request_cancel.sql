-- Request that the queue cancel the current run of the job $1: mark the job and add
-- the entry to the outbox.
WITH marked AS (
    UPDATE job SET cancelling = true WHERE id = $1 RETURNING id, run
)
INSERT INTO outbox (job, run, action, bytes) SELECT id, run, 'cancel', 0 FROM marked
ON CONFLICT (job, run, action) DO NOTHING;
