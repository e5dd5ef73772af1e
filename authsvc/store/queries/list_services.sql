-- List every service account, by name.
SELECT name, secret_digest, scopes, created_at, changed_at
FROM service_account
ORDER BY name;
