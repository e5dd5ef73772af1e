-- End a token of a user, and its session.
WITH ended AS (
    UPDATE personal_token
    SET ended_at = now()
    WHERE id = $2 AND user_id = $1 AND ended_at IS NULL
    RETURNING session_id, name
)
INSERT INTO ended_service_session (id, name)
SELECT session_id, name
FROM ended
RETURNING name;
