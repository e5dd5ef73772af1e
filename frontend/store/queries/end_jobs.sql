-- End the jobs of a batch of outcomes: each job that is in the run of its outcome, if
-- one of the transitions $11 ("from to") allows that. Store the answers, add what the runs took to
-- the usage of their owners, and return the jobs that were ended. The transitions are compared and not joined: a join could make the
-- planner read all jobs.
WITH outcome AS (
    SELECT *
    FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[], $7::text[], $8::bytea[], $9::integer[], $10::text[], $12::double precision[])
        AS e (job, run, state, started_at, ended_at, attempts, error, answer, parts, passage, core_seconds)
), ended AS (
    UPDATE job
    SET state = e.state, started_at = coalesce(e.started_at, job.started_at), ended_at = coalesce(e.ended_at, clock_timestamp()),
        attempts = e.attempts, error = e.error::json, cancelling = false, applied_at = clock_timestamp(), passage = e.passage::json
    FROM outcome e
    WHERE job.id = e.job AND job.run = e.run AND job.state || ' ' || e.state = ANY ($11::text[])
    RETURNING job.id, job.subject, job.owner, job.ended_at
), used AS (
    INSERT INTO usage (day, subject, owner, runs, core_seconds)
    SELECT (ended.ended_at AT TIME ZONE 'UTC')::date, ended.subject, max(ended.owner), count(*), sum(e.core_seconds)
    FROM ended
    JOIN outcome e ON e.job = ended.id
    GROUP BY 1, 2
    ORDER BY 1, 2 -- so that two of these never wait for each other
    ON CONFLICT (day, subject) DO UPDATE
    SET owner = EXCLUDED.owner, runs = usage.runs + EXCLUDED.runs, core_seconds = usage.core_seconds + EXCLUDED.core_seconds
), stored AS (
    INSERT INTO result (job, run, answer, parts)
    SELECT e.job, e.run, e.answer, e.parts
    FROM outcome e
    JOIN ended ON ended.id = e.job
    WHERE e.answer IS NOT NULL
    ON CONFLICT (job) DO UPDATE SET run = EXCLUDED.run, answer = EXCLUDED.answer, parts = EXCLUDED.parts
)
SELECT id FROM ended;
