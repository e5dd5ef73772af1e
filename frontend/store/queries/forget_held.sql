-- Forget that the jobs $1, which are locked, are held back.
WITH waits AS (
    DELETE FROM predecessor WHERE job = ANY ($1::uuid[])
)
DELETE FROM held WHERE job = ANY ($1);
