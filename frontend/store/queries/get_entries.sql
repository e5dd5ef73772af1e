-- Get taken entries of the outbox with their jobs, in order. This is a statement of
-- its own because it must see the jobs as they were when the entries were taken,
-- not as they were when take_entries began.
SELECT o.id, o.action, o.run, j.request_id, j.requested_by, j.traceparent, j.id, j.owner, j.state, j.run, j.version, j.created_at, j.started_at, j.ended_at,
       j.spec, j.attempts, j.error, j.cancelling, v.name, v.version,
       COALESCE(c.sha256, v.sha256), COALESCE(c.bytes, v.bytes), COALESCE(c.column_name, v.column_name),
       r.name, r.version, r.sha256, r.bytes, r.column_name,
       (SELECT json_agg(json_build_object('name', x.name, 'version', x.version, 'column', x.column_name, 'sha256', x.sha256, 'bytes', x.bytes) ORDER BY n.place)
        FROM json_array_elements_text(CASE WHEN strpos(j.spec::text, '"x":[') > 0 THEN j.spec->'x' END) WITH ORDINALITY AS n(column_name, place)
        JOIN dataset_column x ON x.name = j.dataset AND x.version = j.dataset_version AND x.column_name = n.column_name) AS x,
       NULL AS waiting_for, j.batch
FROM outbox o
JOIN job j ON j.id = o.job
JOIN dataset_version v ON v.name = j.dataset AND v.version = j.dataset_version
LEFT JOIN dataset_column c ON c.name = j.dataset AND c.version = j.dataset_version AND c.column_name = j.dataset_column
LEFT JOIN dataset_version r ON r.name = j.rates AND r.version = j.rates_version
WHERE o.id = ANY ($1)
ORDER BY o.id;
