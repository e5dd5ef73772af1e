-- Add messages in the order of the arrays, which becomes the upload order.
INSERT INTO message (id, key, queue_id, priority, payload, request_id, owner, traceparent)
SELECT a.id, a.key, a.queue_id, a.priority, a.payload, a.request_id, a.owner, a.traceparent
FROM unnest($1::text[]::uuid[], $2::text[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[])
    WITH ORDINALITY AS a (id, key, queue_id, priority, payload, request_id, owner, traceparent, place)
ORDER BY a.place;
