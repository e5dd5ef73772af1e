-- List a page of the users who were not removed, by name.
SELECT id, name, password_hash, roles, created_at
FROM users
WHERE name > $1 AND removed_at IS NULL
ORDER BY name
LIMIT $2;
