-- Store a part of a result; one that is stored already is replaced.
INSERT INTO part (message_id, token, index, body)
VALUES ($1::text::uuid, $2, $3, $4)
ON CONFLICT (message_id, token, index) DO UPDATE SET body = excluded.body
