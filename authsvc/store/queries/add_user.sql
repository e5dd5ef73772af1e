-- Add a user.
INSERT INTO users (id, name, password_hash, roles)
VALUES ($1, $2, $3, $4)
RETURNING id, name, password_hash, roles, created_at;
