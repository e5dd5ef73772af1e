-- Purge the previous secrets that are not valid any more.
UPDATE service_account
SET previous_digest = NULL, previous_session_id = NULL, previous_until = NULL, previous_used_at = NULL
WHERE previous_until <= now();
