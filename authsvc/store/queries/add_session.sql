-- Add a session of a user whose password is still the one that was checked, with
-- the roles that the user has now. The lock orders it before or after a removal
-- or a change of password or roles, which end sessions.
WITH checked AS (
    SELECT id, name, roles
    FROM users
    WHERE id = $2 AND password_hash = $3 AND removed_at IS NULL
    FOR SHARE
), begun AS (
    INSERT INTO session (id, user_id, expires_at)
    SELECT $1, id, now() + $4::interval
    FROM checked
    RETURNING id, user_id, scopes
)
SELECT begun.id, begun.user_id, checked.name, checked.roles, begun.scopes
FROM begun, checked;
