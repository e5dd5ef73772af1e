-- Get the answer of a job's last run.
SELECT run, answer, parts FROM result WHERE job = $1;
