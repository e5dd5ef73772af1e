-- Drop the intention to enqueue the job $1, if nobody has taken it yet.
DELETE FROM outbox WHERE job = $1 AND action = 'enqueue' AND taken_at IS NULL;
