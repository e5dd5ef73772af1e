-- Set the scopes of a service account, whose secrets begin new sessions.
UPDATE service_account
SET scopes = $2, changed_at = now(), session_id = gen_random_uuid(),
    previous_session_id = CASE WHEN previous_session_id IS NOT NULL THEN gen_random_uuid() END
WHERE name = $1
RETURNING name, secret_digest, scopes, created_at, changed_at, session_id, last_used_at,
    CASE WHEN previous_until > now() THEN previous_digest END, coalesce(previous_session_id, session_id),
    CASE WHEN previous_until > now() THEN previous_until END, previous_used_at;
