-- End the session of a service account that is about to get a new secret, if there is
-- such an account.
INSERT INTO ended_service_session (id, name)
SELECT session_id, name
FROM service_account
WHERE name = $1
FOR UPDATE;
