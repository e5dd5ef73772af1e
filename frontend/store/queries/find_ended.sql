-- Find the jobs among $1 that do not exist or are in none of the states $2.
SELECT asked.id
FROM unnest($1::uuid[]) AS asked (id)
LEFT JOIN job ON job.id = asked.id
WHERE job.id IS NULL OR job.state <> ALL ($2::text[]);
