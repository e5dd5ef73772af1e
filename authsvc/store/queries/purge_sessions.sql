-- Purge the sessions that expired more than a day ago, with their tokens.
DELETE FROM session
WHERE expires_at < now() - interval '1 day';
