-- Count the jobs of the subject $1 that are queued or running.
SELECT count(*) FROM job WHERE subject = $1 AND state IN ('queued', 'running');
