-- Purge the places that were not used for 90 days.
DELETE FROM known_place
WHERE used_at < now() - interval '90 days';
