-- Lock the service account with a name until the transaction ends.
SELECT name, secret_digest, scopes, created_at, changed_at, session_id, last_used_at,
    CASE WHEN previous_until > now() THEN previous_digest END, coalesce(previous_session_id, session_id),
    CASE WHEN previous_until > now() THEN previous_until END, previous_used_at
FROM service_account
WHERE name = $1
FOR UPDATE;
