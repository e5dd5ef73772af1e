-- Find the messages with the keys $1, each with its queue, which is empty for a
-- message that has ended.
SELECT m.key, m.id::text, q.name
FROM message m JOIN queue q ON q.id = m.queue_id
WHERE m.key = ANY ($1::text[])
UNION ALL
SELECT e.key, e.id::text, ''
FROM ended e
WHERE e.key = ANY ($1::text[]) AND NOT e.redriven;
