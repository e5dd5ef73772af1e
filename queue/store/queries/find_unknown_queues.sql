-- Find the names that belong to no queue.
SELECT n.name
FROM unnest($1::text[]) AS n (name)
WHERE NOT EXISTS (SELECT FROM queue q WHERE q.name = n.name AND NOT q.removed);
