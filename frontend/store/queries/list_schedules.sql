-- List at most $2 schedules whose names come after $1, or the one whose name is $3 unless that is empty.
SELECT id, name, owner, subject, created_at, version, plan, next_at, paused_reason, last_at, last_job, last_error, fired FROM schedule
WHERE name > $1 AND ($3::text = '' OR name = $3)
ORDER BY name
LIMIT $2;
