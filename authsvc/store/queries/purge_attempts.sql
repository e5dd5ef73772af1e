-- Purge the limits that limit nothing any more.
DELETE FROM login_limit
WHERE full_at < now();
