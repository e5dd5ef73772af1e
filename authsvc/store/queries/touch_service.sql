-- Touch the secret of a service account whose session is $2: it is used now.
UPDATE service_account
SET last_used_at = CASE WHEN session_id = $2 THEN now() ELSE last_used_at END,
    previous_used_at = CASE WHEN previous_session_id = $2 THEN now() ELSE previous_used_at END
WHERE name = $1;
