-- Note for fold_depth that a message came to each of the queues $1, as often as it is named.
INSERT INTO depth_change (queue_id, messages)
SELECT c.queue_id, count(*) FROM unnest($1::bigint[]) AS c (queue_id) GROUP BY c.queue_id;
