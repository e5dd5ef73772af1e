-- put_back_intentions gives back those of the intentions $1 that nobody has
-- taken again since $2. The queue surely does not know them.
UPDATE outbox SET taken_at = NULL WHERE id = ANY ($1) AND taken_at = $2;
