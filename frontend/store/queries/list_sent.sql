-- List at most $2 jobs after the job $1 that have one of the states $3, in the order of
-- their ids, whose current runs the queue should know.
SELECT j.id, j.run
FROM job j
WHERE j.id > $1 AND j.state = ANY ($3)
    AND NOT EXISTS (SELECT FROM outbox o WHERE o.job = j.id AND o.run = j.run AND o.action = 'enqueue')
    AND NOT EXISTS (SELECT FROM held h WHERE h.job = j.id AND h.run = j.run)
ORDER BY j.id
LIMIT $2;
