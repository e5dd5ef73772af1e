-- Purge up to $1 of the sessions that expired more than a day ago, with their tokens.
DELETE FROM session
WHERE id IN (
    SELECT id
    FROM session
    WHERE expires_at < now() - interval '1 day'
    ORDER BY expires_at
    LIMIT $1);
