-- Drop the parts of ended messages that their results do not count. Returns how
-- many parts each message keeps, if any.
WITH asked AS (
    SELECT * FROM unnest($1::text[]::uuid[], $2::bigint[], $3::integer[]) AS a (id, token, parts)
),
dropped AS (
    DELETE FROM part p USING asked a
    WHERE p.message_id = ANY ($1::text[]::uuid[]) AND p.message_id = a.id AND NOT (p.token = a.token AND p.index < a.parts)
)
SELECT a.id::text, count(*)
FROM asked a JOIN part p ON p.message_id = a.id AND p.token = a.token AND p.index < a.parts
GROUP BY a.id;
