-- List every service account, by name.
SELECT name, secret_digest, scopes, created_at, changed_at, session_id
FROM service_account
ORDER BY name;
