-- Request that the queue cancels the job $1: mark it and add the intention.
WITH marked AS (
    UPDATE job SET cancelling = true WHERE id = $1 RETURNING id
)
INSERT INTO outbox (job, action, bytes) SELECT id, 'cancel', 0 FROM marked
ON CONFLICT (job, action) DO NOTHING;
