-- End the tokens of a user, and their sessions.
WITH ended AS (
    UPDATE personal_token
    SET ended_at = now()
    WHERE user_id = $1 AND ended_at IS NULL
    RETURNING session_id, name
)
INSERT INTO ended_service_session (id, name)
SELECT session_id, name
FROM ended;
