-- Note that the schedule $1 has fired: when it fires next ($2), when it fired ($3) and with
-- which last job ($4), its error ($5), and how many jobs it made ($6). Null keeps what was.
UPDATE schedule SET next_at = $2, last_at = COALESCE($3, last_at), last_job = COALESCE($4, last_job), last_error = COALESCE($5, last_error), fired = fired + $6
WHERE id = $1;
