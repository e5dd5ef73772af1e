-- Note that an attempt for the webhook $1 has succeeded.
UPDATE webhook SET failures = 0, failing_since = NULL, last_success_at = clock_timestamp() WHERE id = $1;
