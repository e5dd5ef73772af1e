-- List the jobs of the batch $1 in the order of its request.
SELECT id, state, run FROM job WHERE batch = $1 ORDER BY created_at, id;
