-- Count the tokens of a user that have not ended.
SELECT count(*)
FROM personal_token
WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now();
