-- Check that a service account exists and still has the secret with which a session
-- began.
SELECT EXISTS (
    SELECT
    FROM service_account
    WHERE name = $1 AND (session_id = $2 OR previous_session_id = $2 AND previous_until > now()));
