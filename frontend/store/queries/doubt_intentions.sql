-- Doubt the intentions $1 that nobody has taken again since $2: they can be
-- taken at once, and the queue may know them.
UPDATE outbox SET taken_at = '-infinity' WHERE id = ANY ($1) AND taken_at = $2;
