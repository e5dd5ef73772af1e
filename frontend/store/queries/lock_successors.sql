-- Lock at most $2 jobs that wait for the job $1, as lock_job does.
SELECT p.job, p.anyhow, j.run
FROM predecessor p
JOIN job j ON j.id = p.job
WHERE p.after = $1
ORDER BY p.job
LIMIT $2
FOR UPDATE OF j;
