-- Set the password of the user with a name. If $3 is not empty, only if the hash is
-- still $3.
UPDATE users
SET password_hash = $2
WHERE name = $1 AND removed_at IS NULL AND ($3::text = '' OR password_hash = $3::text)
RETURNING id, name, password_hash, roles, created_at;
