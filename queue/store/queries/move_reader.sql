-- Move the reader $2 of the account $1, which may be new, to the position $3, given
-- results up to $4. The commit waits for the disk only if these are new to it.
WITH nothing_new AS (
    SELECT set_config('synchronous_commit', 'off', true) FROM reader WHERE account = $1 AND name = $2 AND sent >= $4
)
INSERT INTO reader (account, name, position, sent)
SELECT $1, $2, $3, $4 FROM (SELECT count(*) FROM nothing_new) AS first
ON CONFLICT (account, name) DO UPDATE
SET position = EXCLUDED.position, sent = greatest(reader.sent, EXCLUDED.sent), seen_at = now();
