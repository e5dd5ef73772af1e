-- Set the secret and the scopes of a service account, which begins a session; add the
-- account if it is new.
INSERT INTO service_account (name, secret_digest, scopes)
VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE
SET secret_digest = excluded.secret_digest, scopes = excluded.scopes, changed_at = now(), session_id = gen_random_uuid(),
    last_used_at = NULL, previous_digest = NULL, previous_session_id = NULL, previous_until = NULL, previous_used_at = NULL;
