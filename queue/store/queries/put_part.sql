-- Put a part of a result, replacing an earlier one.
INSERT INTO part (message_id, token, index, body)
VALUES ($1::text::uuid, $2, $3, $4)
ON CONFLICT (message_id, token, index) DO UPDATE SET body = excluded.body;
