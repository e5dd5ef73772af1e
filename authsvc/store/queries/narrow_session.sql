-- Narrow the scopes of a session.
UPDATE session
SET scopes = $2
WHERE id = $1;
