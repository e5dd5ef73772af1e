-- Forget ended messages older than $1 seconds that every reader has read, or that are
-- another $3 seconds older, and their parts; dead letters stay. A reader that has not
-- come for that long does not count. $2 maximum number of messages. They ended in the order
-- of their positions, so that those behind one that is too young are younger.
WITH first AS MATERIALIZED (
    SELECT position
    FROM ended
    WHERE outcome <> 'dead' OR payload IS NULL
    ORDER BY position
    LIMIT $2
),
old AS (
    SELECT position, id, token, redriven
    FROM ended
    WHERE position = ANY (ARRAY (SELECT position FROM first))
        AND ended_at < now() - make_interval(secs => $1) AND (outcome <> 'dead' OR payload IS NULL)
        AND (ended_at < now() - make_interval(secs => $1 + $3)
            OR position <= (SELECT coalesce(min(r.position), 9223372036854775807) FROM reader r WHERE r.seen_at > now() - make_interval(secs => $3)))
    ORDER BY position
    FOR UPDATE SKIP LOCKED
),
parts AS (
    DELETE FROM part p USING old WHERE p.message_id = old.id AND p.token = old.token
),
noted AS (
    UPDATE epoch SET forgotten = greatest(forgotten, (SELECT max(position) FROM old)) WHERE EXISTS (SELECT FROM old)
)
DELETE FROM ended e USING old WHERE e.position = old.position;
