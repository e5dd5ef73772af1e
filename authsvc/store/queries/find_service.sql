-- Find the service account with a name.
SELECT name, secret_digest, scopes, created_at, changed_at, session_id
FROM service_account
WHERE name = $1;
