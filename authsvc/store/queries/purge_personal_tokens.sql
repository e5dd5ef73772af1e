-- Purge the tokens that were ended, or that expired more than 30 days ago.
DELETE FROM personal_token
WHERE ended_at IS NOT NULL OR expires_at < now() - interval '30 days';
