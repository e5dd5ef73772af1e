-- Change whether a queue is paused, or its limit; null changes nothing.
UPDATE queue SET paused = coalesce($2, paused), max_length = coalesce($3, max_length)
WHERE name = $1 AND NOT removed;
