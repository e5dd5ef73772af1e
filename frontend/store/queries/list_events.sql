-- List at most $2 events after the position $1, in order, of the next $3 positions: of the types $4, the
-- owner $5, the batch $6 and the dataset $7. Null means any.
SELECT position, at, type, owner, job, run, batch, dataset, version, schedule, progress, error
FROM event
WHERE position > $1 AND position <= $1 + $3::bigint
  AND ($4::text[] IS NULL OR type = ANY ($4)) AND ($5::text IS NULL OR owner = $5)
  AND ($6::uuid IS NULL OR batch = $6) AND ($7::text IS NULL OR dataset = $7)
ORDER BY position
LIMIT $2;
