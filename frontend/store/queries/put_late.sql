-- Put the result $3 with $4 parts, of run $2 of the job $1, aside. Put nothing if the job
-- is not in this run.
INSERT INTO late_answer (job, run, result, parts)
SELECT id, $2::integer, $3::bytea, $4::integer FROM job WHERE id = $1 AND run = $2
ON CONFLICT (job, run) DO NOTHING;
