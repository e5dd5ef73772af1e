-- Observe that the runs $2 of the jobs $1 are in the states $3 since $4, with the progress $5. Jobs are
-- changed that are in one of the states $6, and in another than that, or whose progress has grown by $7 at least.
UPDATE job
SET state = s.state, progress = s.progress, started_at = CASE WHEN s.state = 'running' THEN s.started_at END
FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::timestamptz[], $5::double precision[]) AS s (id, run, state, started_at, progress)
WHERE job.id = s.id AND job.id = ANY ($1) AND job.run = s.run AND job.state = ANY ($6::text[])
  AND (job.state <> s.state OR s.progress >= job.progress + $7);
