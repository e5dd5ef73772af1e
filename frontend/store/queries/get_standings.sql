-- get_standings tells where the jobs $1 stand.
SELECT id, state, run, version - base FROM job WHERE id = ANY ($1::uuid[]);
