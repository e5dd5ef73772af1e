-- Find the user with the id $1 who was not removed.
SELECT id, name, password_hash, roles, created_at
FROM users
WHERE id = $1 AND removed_at IS NULL;
