-- Free the name of an expired token of a user.
UPDATE personal_token
SET ended_at = now()
WHERE user_id = $1 AND name = $2 AND ended_at IS NULL AND expires_at <= now();
