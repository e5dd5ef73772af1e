-- Remove the user with a name.
UPDATE users
SET removed_at = now(), password_hash = ''
WHERE name = $1 AND removed_at IS NULL
RETURNING id, name, password_hash, roles, created_at;
