-- List the ended messages after a position, in the order of the feed, and, if $4, between
-- them those that had ended and wait again.
-- $1 the position; $2 maximum number of messages; $3 maximum bytes of results,
-- which one message may exceed.
--
-- It is one statement, because in two the second would see positions whose predecessors the
-- first did not. A redrive is told only while what came after it in the feed is whole: otherwise
-- a reader could wait for the end of a message whose end was deleted.
WITH page AS (
    (SELECT position, coalesce(octet_length(result), 0) AS size
    FROM ended
    WHERE position > $1
    ORDER BY position
    LIMIT $2)
    UNION ALL
    (SELECT position, 0
    FROM redrive
    WHERE $4::boolean AND position > $1 AND position > (SELECT forgotten FROM epoch)
    ORDER BY position
    LIMIT $2)
    ORDER BY position
    LIMIT $2
),
measured AS (
    SELECT position, sum(size) OVER (ORDER BY position) - size AS bytes_before
    FROM page
)
SELECT e.position, e.id::text, e.key, e.outcome, e.revision, e.attempts, e.result, e.parts, coalesce(e.error, ''),
    e.leased_at, e.ended_at, e.enqueued_at, e.token, e.by_holder, e.past
FROM measured JOIN ended e USING (position)
WHERE measured.bytes_before < $3
UNION ALL
SELECT r.position, r.id::text, r.key, 'redriven', r.revision, 0, NULL, 0, '', NULL, r.redriven_at, NULL, 0, false, '[]'
FROM measured JOIN redrive r USING (position)
WHERE measured.bytes_before < $3
ORDER BY position;
