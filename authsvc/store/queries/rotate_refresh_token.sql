-- Marks a refresh token as exchanged. The grace counts from the first time.
UPDATE refresh_token
SET rotated_at = now()
WHERE digest = $1 AND rotated_at IS NULL
