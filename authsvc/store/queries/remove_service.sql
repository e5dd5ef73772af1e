-- Remove a service account, and end its session.
WITH removed AS (
    DELETE FROM service_account
    WHERE name = $1
    RETURNING session_id, name
)
INSERT INTO ended_service_session (id, name)
SELECT session_id, name
FROM removed;
