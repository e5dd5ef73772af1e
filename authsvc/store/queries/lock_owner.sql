-- Lock the user of a session that has not ended until the transaction ends, and read both:
-- the user's tokens are counted and added one after the other.
SELECT s.id, u.id, u.name, u.roles, s.scopes
FROM session AS s
JOIN users AS u ON u.id = s.user_id
WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.removed_at IS NULL
FOR NO KEY UPDATE OF u;
