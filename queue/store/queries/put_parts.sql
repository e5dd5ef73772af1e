-- Store parts of results; one that is stored already is replaced.
INSERT INTO part (message_id, token, index, body)
SELECT a.id, a.token, a.index, a.body
FROM unnest($1::text[]::uuid[], $2::bigint[], $3::integer[], $4::text[]) AS a (id, token, index, body)
ON CONFLICT (message_id, token, index) DO UPDATE SET body = excluded.body
