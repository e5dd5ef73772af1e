-- List the jobs of the batch $1 in the order of its request. Jobs of programs from before have no line of their own: 0.
SELECT id, state, run, COALESCE(batch_line, 0), error FROM job WHERE batch = $1 ORDER BY created_at, id;
