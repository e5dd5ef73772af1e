-- Get the state, run and message revision of the jobs $1.
SELECT id, state, run, version - base FROM job WHERE id = ANY ($1::uuid[]);
