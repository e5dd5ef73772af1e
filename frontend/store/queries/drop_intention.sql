-- drop_intention takes back a message that nobody has taken to the queue yet.
DELETE FROM outbox WHERE job = $1 AND action = 'enqueue' AND taken_at IS NULL;
