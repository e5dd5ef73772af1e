-- Put a part of the answer of run $2 in the place of an earlier one. It is dropped
-- when the job does not exist or is in another run by now.
INSERT INTO result_part (job, run, index, body)
SELECT id, run, $3::integer, $4::bytea FROM job WHERE id = $1 AND run = $2
ON CONFLICT (job, run, index) DO UPDATE SET body = EXCLUDED.body;
