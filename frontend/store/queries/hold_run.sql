-- Hold run $2 of the job $1 back until $3, if that is to come and the run was never sent: its
-- entry leaves the outbox.
WITH taken AS (
    DELETE FROM outbox
    WHERE job = $1 AND run = $2 AND action = 'enqueue' AND taken_at IS NULL AND NOT maybe_sent AND $3::timestamptz > clock_timestamp()
    RETURNING job, run, bytes
)
INSERT INTO held (job, run, bytes, not_before) SELECT job, run, bytes, $3 FROM taken
ON CONFLICT (job) DO UPDATE SET run = EXCLUDED.run, bytes = EXCLUDED.bytes, not_before = EXCLUDED.not_before;
