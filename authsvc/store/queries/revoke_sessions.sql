-- Revoke every session of a user.
UPDATE session
SET revoked_at = now(), revoked_by = $2
WHERE user_id = $1 AND revoked_at IS NULL;
