-- Forget at most $1 notes of redrives from before the last result that was deleted: how their
-- messages ended next may be among what was deleted, so that list_results leaves them out.
DELETE FROM redrive
WHERE position = ANY (ARRAY (
    SELECT position FROM redrive WHERE position <= (SELECT forgotten FROM epoch) ORDER BY position LIMIT $1));
