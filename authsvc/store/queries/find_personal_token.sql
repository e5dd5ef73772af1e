-- Find a token by its digest, unless it has ended, with its user. The last use counts as
-- known when it is not older than the time $2.
SELECT t.id, t.session_id, u.id, u.name, u.roles, t.scopes, t.expires_at,
    coalesce(t.last_used_at > now() - $2::interval, false)
FROM personal_token AS t
JOIN users AS u ON u.id = t.user_id
WHERE t.digest = $1 AND t.ended_at IS NULL AND t.expires_at > now() AND u.removed_at IS NULL;
