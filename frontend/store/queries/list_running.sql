-- List at most $1 jobs that are on record as running, with their runs.
SELECT id, run FROM job WHERE state = 'running' ORDER BY created_at, id LIMIT $1;
