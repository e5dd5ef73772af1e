-- Forget at most $2 events that are older than $1. The table refuses to forget those of
-- the last 30 days.
DELETE FROM audit
WHERE position IN (
    SELECT position
    FROM audit
    WHERE at < now() - $1::interval
    ORDER BY at
    LIMIT $2);
