-- renew_intention notes the weight of a replaced job whose message nobody has
-- taken to the queue yet. It touches no row when somebody has.
UPDATE outbox SET bytes = $2 WHERE job = $1 AND action = 'enqueue' AND taken_at IS NULL;
