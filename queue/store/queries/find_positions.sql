-- Find the positions of the messages $1 that have ended and not come back.
WITH found AS MATERIALIZED (
    SELECT position FROM ended WHERE id = ANY ($1::text[]::uuid[]) AND redriven IS FALSE
)
SELECT position FROM found ORDER BY position;
