-- List at most $1 schedules that are to fire, the earliest first, with the time.
SELECT id, name, owner, subject, created_at, version, plan, next_at, paused_reason, last_at, last_job, last_error, fired, clock_timestamp() FROM schedule
WHERE next_at <= statement_timestamp()
ORDER BY next_at
LIMIT $1;
