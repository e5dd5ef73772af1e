-- Lock the user with a name who was not removed until the transaction ends.
SELECT id, name, password_hash, roles, created_at
FROM users
WHERE name = $1 AND removed_at IS NULL
FOR UPDATE;
