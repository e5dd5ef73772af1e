-- Note that an attempt for the webhook $1 has failed with the status $2 and the error $3. Returns its subject and name, whether it is
-- enabled, and for how many seconds all attempts have failed.
UPDATE webhook SET failures = failures + 1, failing_since = COALESCE(failing_since, clock_timestamp()), last_failure_at = clock_timestamp(), last_status = $2, last_error = $3
WHERE id = $1
RETURNING subject, name, enabled, EXTRACT(epoch FROM clock_timestamp() - failing_since)::double precision;
