-- Rotate a refresh token: mark it as exchanged. The grace counts from the first
-- exchange.
UPDATE refresh_token
SET rotated_at = now()
WHERE digest = $1 AND rotated_at IS NULL;
