-- Remove a queue.
UPDATE queue SET removed = true WHERE name = $1 AND NOT removed;
