-- Take the webhook that is furthest behind the log until the transaction ends, of those that no other process has taken and
-- that have fewer than $1 deliveries waiting, with the last position and that up to which events were deleted.
SELECT w.id, w.name, w.types, w.plan, w.position, l.last, l.forgotten
FROM webhook AS w, event_log AS l
WHERE w.enabled AND w.position < l.last
  AND (SELECT count(*) FROM (SELECT FROM webhook_delivery WHERE webhook = w.id AND state = 'waiting' LIMIT $1) AS few) < $1
ORDER BY w.position
LIMIT 1
FOR UPDATE OF w SKIP LOCKED;
