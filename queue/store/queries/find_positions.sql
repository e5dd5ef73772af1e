-- Find the positions of the messages $1 that have ended and not come back.
SELECT position FROM ended WHERE id = ANY ($1::text[]::uuid[]) AND NOT redriven ORDER BY position;
