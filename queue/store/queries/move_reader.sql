-- Move the reader $2 of the account $1, which may be new, to the position $3, given
-- results up to $4.
INSERT INTO reader (account, name, position, sent) VALUES ($1, $2, $3, $4)
ON CONFLICT (account, name) DO UPDATE
SET position = EXCLUDED.position, sent = greatest(reader.sent, EXCLUDED.sent), seen_at = now();
