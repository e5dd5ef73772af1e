-- Check that a session of a user has not ended.
SELECT EXISTS (
    SELECT
    FROM session AS s
    JOIN users AS u ON u.id = s.user_id
    WHERE s.id = $1 AND u.id = $2 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.removed_at IS NULL);
