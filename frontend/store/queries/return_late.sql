-- Return the answer of run $2 of the job $1, which was taken at $3, for the next to take it.
UPDATE late_answer SET taken_at = NULL WHERE job = $1 AND run = $2 AND taken_at = $3;
