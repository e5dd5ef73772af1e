-- Put a part of a result, replacing an earlier one, also of an earlier lease: nothing can
-- complete that any more.
WITH superseded AS (
    DELETE FROM part WHERE message_id = $1::text::uuid AND index = $3 AND token < $2
)
INSERT INTO part (message_id, token, index, body)
VALUES ($1::text::uuid, $2, $3, $4)
ON CONFLICT (message_id, token, index) DO UPDATE SET body = excluded.body;
