-- List what the traces of the jobs $1 are made from; if $2, also what the worker said of its times.
SELECT j.id, j.run, j.state, j.traceparent, coalesce(j.queued_at, j.created_at), j.started_at, j.ended_at, j.applied_at,
    coalesce(j.error ->> 'detail', ''), j.passage::text,
    j.spec -> 'not_before' IS NOT NULL OR j.spec -> 'after' IS NOT NULL OR j.spec -> 'after_any' IS NOT NULL,
    CASE WHEN $2 THEN (SELECT convert_from(r.answer, 'UTF8')::json -> 'provenance' -> 'times' FROM result r WHERE r.job = j.id AND r.run = j.run) END::text
FROM job j
WHERE j.id = ANY ($1);
