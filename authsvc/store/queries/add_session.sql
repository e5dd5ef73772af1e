-- Begins a session of a user whose password is still the one that was checked.
-- The lock orders it before or after a change of password or a removal, which
-- end sessions.
INSERT INTO session (id, user_id, expires_at)
SELECT $1, u.id, now() + $4::interval
FROM (
    SELECT id FROM users
    WHERE id = $2 AND password_hash = $3 AND removed_at IS NULL
    FOR SHARE
) AS u
