-- Find the positions of the first $3 dead letters after the position $1 and up to $2.
SELECT position
FROM ended
WHERE outcome = 'dead' AND payload IS NOT NULL AND position > $1 AND position <= $2
ORDER BY position
LIMIT $3;
