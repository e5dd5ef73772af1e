-- Renew the sessions of a user's tokens and end those that they had, so that their access
-- tokens have the rights that the user has now.
WITH old AS (
    SELECT id, session_id, name
    FROM personal_token
    WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
    FOR UPDATE
), renewed AS (
    UPDATE personal_token
    SET session_id = gen_random_uuid()
    FROM old
    WHERE personal_token.id = old.id
)
INSERT INTO ended_service_session (id, name)
SELECT session_id, name
FROM old;
