-- select_ended tells which of the jobs $1 are in none of the states $2, or gone.
SELECT asked.id
FROM unnest($1::uuid[]) AS asked (id)
LEFT JOIN job ON job.id = asked.id
WHERE job.id IS NULL OR job.state <> ALL ($2::text[]);
