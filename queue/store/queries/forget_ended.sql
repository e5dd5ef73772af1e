-- Forget ended messages older than $1 seconds, and their parts; dead letters
-- stay. $2 maximum number of messages.
WITH old AS (
    SELECT position, id, token, redriven
    FROM ended
    WHERE ended_at < now() - make_interval(secs => $1) AND (outcome <> 'dead' OR payload IS NULL)
    ORDER BY ended_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
),
parts AS (
    DELETE FROM part p USING old WHERE p.message_id = old.id AND p.token = old.token
)
DELETE FROM ended e USING old WHERE e.position = old.position;
