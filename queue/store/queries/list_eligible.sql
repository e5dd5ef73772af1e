-- List the queues that a claim from the queues named $1, null for all, takes messages from.
SELECT id FROM queue
WHERE NOT removed AND NOT paused AND ($1::text[] IS NULL OR name = ANY ($1::text[])) OR removed AND $1::text[] IS NULL;
