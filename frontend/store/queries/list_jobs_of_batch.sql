-- List the ids of at most $4 jobs after the cursor ($1, $2), the newest first, in one of
-- the states $3 and of the batch $5; of the owner $6 and on the dataset $7 unless these are empty.
SELECT id FROM job
WHERE batch = $5 AND (created_at, id) < ($1::timestamptz, $2::uuid) AND state = ANY ($3::text[])
    AND ($6::text = '' OR owner = $6) AND ($7::text = '' OR dataset = $7)
ORDER BY created_at DESC, id DESC
LIMIT $4;
