-- Add a refresh token to a session, which it never outlives.
INSERT INTO refresh_token (digest, session_id, expires_at)
SELECT $1, id, least(expires_at, now() + $3::interval)
FROM session
WHERE id = $2;
