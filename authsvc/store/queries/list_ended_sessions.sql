-- List the sessions that were ended in the last time $1, whose tokens may not have
-- expired yet.
SELECT id
FROM session
WHERE revoked_at > now() - $1::interval
UNION ALL
SELECT id
FROM ended_service_session
WHERE ended_at > now() - $1::interval;
