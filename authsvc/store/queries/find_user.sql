-- Find the user with a name who was not removed.
SELECT id, name, password_hash, roles, created_at
FROM users
WHERE name = $1 AND removed_at IS NULL;
