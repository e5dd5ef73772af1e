-- Add a service account.
INSERT INTO service_account (name, secret_digest, scopes)
VALUES ($1, $2, $3)
RETURNING name, secret_digest, scopes, created_at, changed_at, session_id, last_used_at,
    CASE WHEN previous_until > now() THEN previous_digest END, coalesce(previous_session_id, session_id),
    CASE WHEN previous_until > now() THEN previous_until END, previous_used_at;
