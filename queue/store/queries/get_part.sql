-- Get one part of the result at a position of the feed.
SELECT p.body
FROM ended e JOIN part p ON p.message_id = e.id AND p.token = e.token
WHERE e.position = $1 AND p.index = $2 AND p.index < e.parts;
