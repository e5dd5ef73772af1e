-- doubt_intentions lets those of the intentions $1 that nobody has taken again
-- since $2 be taken at once, as ones that the queue may know.
UPDATE outbox SET taken_at = '-infinity' WHERE id = ANY ($1) AND taken_at = $2;
