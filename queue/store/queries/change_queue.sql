-- Change whether a queue is paused, its limit, its weight, or its maximum of leased messages; null changes nothing.
UPDATE queue
SET paused = coalesce($2, paused), max_length = coalesce($3, max_length), weight = coalesce($4, weight), max_leased = coalesce($5, max_leased)
WHERE name = $1 AND NOT removed;
