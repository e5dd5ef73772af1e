-- Hold run $2 of the job $1 back until $3, if that is to come, and until the jobs $4 have
-- ended, $5 says of each whether it may end anyhow; if the run was never sent: its entry
-- leaves the outbox.
WITH taken AS (
    DELETE FROM outbox
    WHERE job = $1 AND run = $2 AND action = 'enqueue' AND taken_at IS NULL AND NOT maybe_sent
        AND ($3::timestamptz > clock_timestamp() OR cardinality($4::uuid[]) > 0)
    RETURNING job, run, bytes
), waits AS (
    INSERT INTO predecessor (after, job, anyhow)
    SELECT p.after, taken.job, p.anyhow FROM taken, unnest($4, $5::boolean[]) AS p (after, anyhow)
    ON CONFLICT (after, job) DO UPDATE SET anyhow = EXCLUDED.anyhow
)
INSERT INTO held (job, run, bytes, not_before, waits) SELECT job, run, bytes, $3, cardinality($4) FROM taken
ON CONFLICT (job) DO UPDATE SET run = EXCLUDED.run, bytes = EXCLUDED.bytes, not_before = EXCLUDED.not_before, waits = EXCLUDED.waits;
