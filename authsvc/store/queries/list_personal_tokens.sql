-- List the tokens of a user that were not ended, the latest first.
SELECT id, name, scopes, created_at, expires_at, last_used_at
FROM personal_token
WHERE user_id = $1 AND ended_at IS NULL
ORDER BY created_at DESC, id DESC;
