-- End the session of the previous secret of a service account, and if $2 that of the present
-- one. The account is locked until the transaction ends.
WITH account AS (
    SELECT name, session_id, previous_session_id
    FROM service_account
    WHERE name = $1
    FOR UPDATE
)
INSERT INTO ended_service_session (id, name)
SELECT session_id, name
FROM account
WHERE $2
UNION ALL
SELECT previous_session_id, name
FROM account
WHERE previous_session_id IS NOT NULL;
