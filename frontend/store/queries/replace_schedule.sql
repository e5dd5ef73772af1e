-- Replace the plan of the schedule $1, which then acts for the owner $2 with the subject $3.
UPDATE schedule SET owner = $2, subject = $3, plan = $4, next_at = $5, version = version + 1, paused_reason = '' WHERE id = $1;
