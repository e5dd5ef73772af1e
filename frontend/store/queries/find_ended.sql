-- Find the jobs among $1 that are in none of the states $2 or do not exist.
SELECT asked.id
FROM unnest($1::uuid[]) AS asked (id)
LEFT JOIN job ON job.id = asked.id
WHERE job.id IS NULL OR job.state <> ALL ($2::text[]);
