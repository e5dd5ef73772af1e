-- Remove a service account.
DELETE FROM service_account
WHERE name = $1;
