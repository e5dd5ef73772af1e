-- Put back the intentions $1 that nobody has taken again since $2. The queue
-- does not know them.
UPDATE outbox SET taken_at = NULL WHERE id = ANY ($1) AND taken_at = $2;
