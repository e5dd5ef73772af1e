-- Take the oldest entries of the outbox, at most about $1 of them and $2 bytes in total. Owners take
-- turns: the oldest entry of each, then the second of each, and so on, for 1000 owners at most.
-- An entry that was taken more than $3 seconds ago is taken again: the process that took it
-- may have sent it. A cancellation waits until the message of its run is sent.
WITH RECURSIVE line AS (
    (SELECT owner, 1 AS place FROM outbox ORDER BY owner LIMIT 1)
    UNION ALL
    SELECT next.owner, line.place + 1
    FROM line CROSS JOIN LATERAL (SELECT o.owner FROM outbox o WHERE o.owner > line.owner ORDER BY o.owner LIMIT 1) next
    WHERE line.place < 1000
), free AS MATERIALIZED (
    SELECT f.id, f.bytes, row_number() OVER (PARTITION BY line.owner ORDER BY f.id) AS nth
    FROM line CROSS JOIN LATERAL (
        SELECT o.id, o.bytes
        FROM outbox o
        WHERE o.owner = line.owner AND (o.taken_at IS NULL OR o.taken_at < statement_timestamp() - make_interval(secs => $3))
          AND (o.action = 'enqueue' OR NOT EXISTS (SELECT FROM outbox e WHERE e.job = o.job AND e.run = o.run AND e.action = 'enqueue'))
        ORDER BY o.id
        LIMIT 1 + ($1::int - 1) / (SELECT count(*) FROM line)
        FOR UPDATE OF o SKIP LOCKED
    ) f
), next AS (
    SELECT id, sum(bytes) OVER (ORDER BY nth, id) - bytes AS lighter FROM free
)
UPDATE outbox SET taken_at = statement_timestamp(), maybe_sent = maybe_sent OR taken_at IS NOT NULL
FROM next
WHERE outbox.id = next.id AND next.lighter < $2
RETURNING outbox.id, outbox.taken_at;
