-- Send the runs $2 of the jobs $1 to the queue again where they are current and have one
-- of the states $5: those that it does not know ($3) as messages, of about $4 bytes beside
-- their specifications, and those that are being cancelled as cancellations. The queue may
-- know them all the same.
WITH sent AS (
    SELECT j.id, j.run, j.owner, j.cancelling, octet_length(j.spec::text) + $4::integer AS bytes, a.unknown
    FROM unnest($1::uuid[], $2::integer[], $3::boolean[]) AS a (id, run, unknown)
    JOIN job j ON j.id = a.id AND j.run = a.run
    WHERE j.state = ANY ($5::text[])
    FOR UPDATE OF j
), messages AS (
    INSERT INTO outbox (job, run, action, bytes, owner, maybe_sent)
    SELECT id, run, 'enqueue', bytes, owner, true FROM sent WHERE unknown
    ON CONFLICT (job, run, action) DO NOTHING
)
INSERT INTO outbox (job, run, action, bytes, owner, maybe_sent)
SELECT id, run, 'cancel', 0, owner, true FROM sent WHERE cancelling
ON CONFLICT (job, run, action) DO NOTHING;
