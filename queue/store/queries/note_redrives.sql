-- Note in the feed, at its next positions, that the messages $1 wait again, in the order of
-- their upload. This transaction has requeued them.
WITH turn AS (
    UPDATE feed SET last = last + cardinality($1::text[])
    WHERE last >= (SELECT last FROM feed ORDER BY last DESC LIMIT 1)
    RETURNING last - cardinality($1::text[]) AS base
)
INSERT INTO redrive (position, id, key, revision)
SELECT (SELECT base FROM turn) + row_number() OVER (ORDER BY m.seq), m.id, m.key, m.revision
FROM message m
WHERE m.id = ANY ($1::text[]::uuid[]);
