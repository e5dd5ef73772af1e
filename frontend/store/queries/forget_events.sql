-- Forget the oldest events, at most $2 of them, up to the first that is not older than $1 seconds.
-- Returns how many.
WITH oldest AS MATERIALIZED (
    SELECT position, at < clock_timestamp() - $1::double precision * interval '1 second' AS old
    FROM event
    WHERE position > (SELECT forgotten FROM event_log)
    ORDER BY position
    LIMIT $2
), forgotten AS (
    SELECT max(position) AS to_position FROM oldest
    WHERE position < COALESCE((SELECT min(position) FROM oldest WHERE NOT old), 9223372036854775807)
), deleted AS (
    DELETE FROM event WHERE position <= (SELECT to_position FROM forgotten) RETURNING position
), noted AS (
    UPDATE event_log SET forgotten = to_position FROM forgotten WHERE to_position IS NOT NULL
)
SELECT count(*) FROM deleted;
