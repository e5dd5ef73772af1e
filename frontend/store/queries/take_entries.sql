-- Take the oldest entries of the outbox, at most $1 of them and about $2 bytes in total.
-- An entry that was taken more than $3 seconds ago is taken again: the process that took it
-- may have sent it. A cancellation waits until the message of its run is sent.
WITH free AS (
    SELECT o.id, o.bytes
    FROM outbox o
    WHERE (o.taken_at IS NULL OR o.taken_at < statement_timestamp() - make_interval(secs => $3))
      AND (o.action = 'enqueue' OR NOT EXISTS (SELECT FROM outbox e WHERE e.job = o.job AND e.run = o.run AND e.action = 'enqueue'))
    ORDER BY o.id
    LIMIT $1
    FOR UPDATE OF o SKIP LOCKED
), next AS (
    SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS lighter FROM free
)
UPDATE outbox SET taken_at = statement_timestamp(), maybe_sent = maybe_sent OR taken_at IS NOT NULL
FROM next
WHERE outbox.id = next.id AND next.lighter < $2
RETURNING outbox.id, outbox.taken_at;
