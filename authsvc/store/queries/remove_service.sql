-- Remove a service account, whose sessions have been ended.
DELETE FROM service_account
WHERE name = $1;
