-- Pause or resume a queue, or change its limit; null leaves as it is.
UPDATE queue SET paused = coalesce($2, paused), max_length = coalesce($3, max_length)
WHERE name = $1 AND NOT removed
