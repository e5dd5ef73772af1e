-- Request that the queue cancel the current run of the job $1: mark the job and add
-- the entry to the outbox. $2 and $3 are the request and its sender.
WITH marked AS (
    UPDATE job SET cancelling = true, request_id = $2, requested_by = $3 WHERE id = $1 RETURNING id, run, owner
)
INSERT INTO outbox (job, run, action, bytes, owner) SELECT id, run, 'cancel', 0, owner FROM marked
ON CONFLICT (job, run, action) DO NOTHING;
