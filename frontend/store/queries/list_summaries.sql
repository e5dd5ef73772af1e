-- List the jobs $1 in brief, in the order of their ids there. Only jobs of programs from before have no
-- brief of their own.
SELECT j.id, j.owner, j.state, j.run, j.version, j.created_at, j.started_at, j.ended_at,
       COALESCE(j.brief, json_build_object('dataset', j.spec->'dataset', 'model', j.spec->'model', 'horizon', j.spec->'horizon',
           'kind', COALESCE(j.spec->>'kind', ''), 'models', j.spec->'models', 'origins', COALESCE((j.spec->>'origins')::integer, 0),
           'priority', COALESCE((j.spec->>'priority')::integer, 0),
           'asset_count', CASE WHEN j.spec->'assets'->>0 = '*' THEN 0 ELSE json_array_length(j.spec->'assets') END)),
       j.attempts, j.error, j.cancelling, v.name, v.version,
       COALESCE(c.sha256, v.sha256), COALESCE(c.bytes, v.bytes), COALESCE(c.column_name, v.column_name),
       (SELECT CASE WHEN h.waits > 0 THEN 'jobs' WHEN h.not_before > clock_timestamp() THEN 'time' END FROM held h WHERE h.job = j.id AND h.run = j.run AND j.state = 'queued') AS waiting_for,
       j.batch
FROM job j
JOIN dataset_version v ON v.name = j.dataset AND v.version = j.dataset_version
LEFT JOIN dataset_column c ON c.name = j.dataset AND c.version = j.dataset_version AND c.column_name = j.dataset_column
WHERE j.id = ANY ($1)
ORDER BY array_position($1::uuid[], j.id);
