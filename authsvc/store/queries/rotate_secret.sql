-- Rotate the secret of a service account. The one before is valid for the time $3 more.
UPDATE service_account
SET secret_digest = $2, session_id = gen_random_uuid(), changed_at = now(), last_used_at = NULL,
    previous_digest = CASE WHEN $3::interval > interval '0' THEN secret_digest END,
    previous_session_id = CASE WHEN $3::interval > interval '0' THEN session_id END,
    previous_until = CASE WHEN $3::interval > interval '0' THEN now() + $3::interval END,
    previous_used_at = CASE WHEN $3::interval > interval '0' THEN last_used_at END
WHERE name = $1
RETURNING name, secret_digest, scopes, created_at, changed_at, session_id, last_used_at,
    CASE WHEN previous_until > now() THEN previous_digest END, coalesce(previous_session_id, session_id),
    CASE WHEN previous_until > now() THEN previous_until END, previous_used_at;
