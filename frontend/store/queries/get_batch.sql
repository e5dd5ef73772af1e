-- Get the batch $1.
SELECT id, name, owner, created_at, size FROM batch WHERE id = $1;
