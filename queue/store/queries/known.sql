-- Which of the keys are known, with the message of each and its queue: none
-- when the message has ended.
SELECT m.key, m.id::text, q.name
FROM message m JOIN queue q ON q.id = m.queue_id
WHERE m.key = ANY ($1::text[])
UNION ALL
SELECT e.key, e.id::text, ''
FROM ended e
WHERE e.key = ANY ($1::text[]) AND NOT e.redriven
