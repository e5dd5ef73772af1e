-- List the ended messages after a position, in the order of the feed.
-- $1 the position; $2 maximum number of messages; $3 maximum bytes of results,
-- which one message may exceed.
WITH page AS (
    SELECT position, coalesce(octet_length(result), 0) AS size
    FROM ended
    WHERE position > $1
    ORDER BY position
    LIMIT $2
),
measured AS (
    SELECT position, sum(size) OVER (ORDER BY position) - size AS bytes_before
    FROM page
)
SELECT e.position, e.id::text, e.key, e.outcome, e.revision, e.attempts, e.result, e.parts, coalesce(e.error, ''),
    e.leased_at, e.ended_at
FROM measured JOIN ended e USING (position)
WHERE measured.bytes_before < $3
ORDER BY e.position;
