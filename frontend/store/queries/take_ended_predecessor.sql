-- Take a job that has ended and that others may wait for, with the state that it has now, or
-- had when it was removed, and its error.
SELECT e.job, COALESCE(j.state, e.state), j.error
FROM ended_predecessor e
LEFT JOIN job j ON j.id = e.job
ORDER BY e.job
LIMIT 1
FOR UPDATE OF e SKIP LOCKED;
