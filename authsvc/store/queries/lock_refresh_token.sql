-- Lock a refresh token with its session until the transaction ends, and read them
-- and the user. $2 is the grace after its rotation.
SELECT s.id, u.id, u.name, u.roles, s.scopes,
    s.revoked_at IS NULL AND u.removed_at IS NULL AND s.expires_at > now() AND r.expires_at > now() AS valid,
    r.rotated_at IS NOT NULL AS rotated,
    coalesce(r.rotated_at + $2::interval <= now(), false) AS reused
FROM refresh_token AS r
JOIN session AS s ON s.id = r.session_id
JOIN users AS u ON u.id = s.user_id
WHERE r.digest = $1
FOR UPDATE OF r, s;
