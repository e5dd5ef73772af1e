-- Lock the schedule named $1 until the transaction ends.
SELECT id, name, owner, subject, created_at, version, plan, next_at, paused_reason, last_at, last_job, last_error, fired FROM schedule WHERE name = $1 FOR UPDATE;
