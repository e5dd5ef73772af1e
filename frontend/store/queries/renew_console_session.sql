-- Renew the session of the console with the digest $1: its tokens are then $3, unless another
-- process has replaced those of the generation $2.
UPDATE console_session SET sealed = $3, generation = generation + 1, used_at = clock_timestamp()
WHERE id = $1 AND generation = $2;
