-- Rotate a refresh token: mark it as exchanged. The grace counts from the first
-- exchange, and the salt stays that of the first.
UPDATE refresh_token
SET rotated_at = coalesce(rotated_at, now()), salt = coalesce(salt, $2)
WHERE digest = $1
RETURNING salt;
