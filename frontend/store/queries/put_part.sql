-- Put a part of an answer in the place of an earlier one. A part of a job that
-- does not exist is dropped.
INSERT INTO result_part (job, run, index, body)
SELECT id, $2::integer, $3::integer, $4::bytea FROM job WHERE id = $1
ON CONFLICT (job, run, index) DO UPDATE SET body = EXCLUDED.body;
