-- Find the living user of a name.
SELECT id, name, password_hash, roles, created_at
FROM users
WHERE name = $1 AND removed_at IS NULL;
