-- Renew the size of the entry that enqueues run $2 of the job $1, if it was never sent.
UPDATE outbox SET bytes = $3 WHERE job = $1 AND run = $2 AND action = 'enqueue' AND taken_at IS NULL AND NOT maybe_sent;
