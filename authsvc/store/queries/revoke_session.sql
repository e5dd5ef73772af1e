-- Revoke a session.
UPDATE session
SET revoked_at = now(), revoked_by = $2
WHERE id = $1 AND revoked_at IS NULL;
