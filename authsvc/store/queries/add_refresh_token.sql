-- Add a refresh token to a session, which it never outlives. A successor that an
-- earlier exchange of the same token has added stays as it is.
INSERT INTO refresh_token (digest, session_id, expires_at)
SELECT $1, id, least(expires_at, now() + $3::interval)
FROM session
WHERE id = $2
ON CONFLICT (digest) DO NOTHING;
