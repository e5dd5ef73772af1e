-- Pause the schedule $1 for a reason, with its plan, which says so.
UPDATE schedule SET plan = $2, next_at = NULL, paused_reason = $3, version = version + 1 WHERE id = $1;
