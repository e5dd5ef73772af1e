-- Purge the sessions of service accounts that ended more than a day ago.
DELETE FROM ended_service_session
WHERE ended_at < now() - interval '1 day';
