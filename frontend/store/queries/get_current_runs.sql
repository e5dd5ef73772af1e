-- Get the states and current runs of the jobs $1.
SELECT id, state, run FROM job WHERE id = ANY ($1::uuid[]);
