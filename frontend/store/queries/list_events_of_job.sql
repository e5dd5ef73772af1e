-- List at most $2 events after the position $1, in order, of the job $3.
SELECT position, at, type, owner, job, run, batch, dataset, version, schedule, progress, error
FROM event
WHERE job = $3 AND position > $1
ORDER BY position
LIMIT $2;
