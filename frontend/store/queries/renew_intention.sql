-- Renew the size of the intention to enqueue the job $1. Changes no row when
-- somebody has taken it.
UPDATE outbox SET bytes = $2 WHERE job = $1 AND action = 'enqueue' AND taken_at IS NULL;
