-- Check that a session of a user, or of a personal access token of a user, has not ended.
SELECT EXISTS (
    SELECT
    FROM session AS s
    JOIN users AS u ON u.id = s.user_id
    WHERE s.id = $1 AND u.id = $2 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.removed_at IS NULL
    UNION ALL
    SELECT
    FROM personal_token AS t
    JOIN users AS u ON u.id = t.user_id
    WHERE t.session_id = $1 AND u.id = $2 AND t.ended_at IS NULL AND t.expires_at > now() AND u.removed_at IS NULL);
