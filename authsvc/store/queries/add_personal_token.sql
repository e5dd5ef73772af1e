-- Add a personal access token that lives for the time $6.
INSERT INTO personal_token (id, user_id, name, digest, scopes, session_id, expires_at)
VALUES ($1, $2, $3, $4, $5, gen_random_uuid(), now() + $6::interval)
RETURNING id, name, scopes, created_at, expires_at, last_used_at;
