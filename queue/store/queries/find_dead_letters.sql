-- Find the positions of the first $3 dead letters after the position $1 and up to $2.
SELECT position
FROM ended
WHERE outcome = 'dead' AND payload IS NOT NULL AND position > $1 AND position <= $2
    AND ($4::timestamptz IS NULL OR ended_at < $4) AND ($5::timestamptz IS NULL OR ended_at >= $5)
    AND strpos(lower(error), lower($6::text)) > 0 AND starts_with(key, $7::text)
ORDER BY position
LIMIT $3;
