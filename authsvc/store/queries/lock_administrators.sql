-- Lock the administrators who were not removed until the transaction ends, so that
-- no two of them can be removed at once.
SELECT name
FROM users
WHERE 'administrator' = ANY (roles) AND removed_at IS NULL
ORDER BY id
FOR UPDATE;
