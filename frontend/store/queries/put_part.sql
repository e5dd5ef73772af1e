-- Put part $3 of the answer of run $2 of the job $1 in the place of an earlier one.
-- Put nothing if the job does not exist or is in another run by now.
INSERT INTO result_part (job, run, index, body, names)
SELECT id, run, $3::integer, $4::bytea, $5::bytea FROM job WHERE id = $1 AND run = $2
ON CONFLICT (job, run, index) DO UPDATE SET body = EXCLUDED.body, names = EXCLUDED.names;
