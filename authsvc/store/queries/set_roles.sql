-- Set the roles of the user with a name.
UPDATE users
SET roles = $2
WHERE name = $1 AND removed_at IS NULL
RETURNING id, name, password_hash, roles, created_at;
