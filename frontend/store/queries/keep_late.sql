-- Keep the answer of run $2 of the job $1, which was taken or kept at $3, for the process
-- that fetches it.
UPDATE late_answer SET taken_at = clock_timestamp() WHERE job = $1 AND run = $2 AND taken_at = $3
RETURNING taken_at;
