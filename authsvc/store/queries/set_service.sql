-- Adds a service account, or gives it a new secret and other scopes.
INSERT INTO service_account (name, secret_digest, scopes)
VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE
SET secret_digest = excluded.secret_digest, scopes = excluded.scopes, changed_at = now()
