-- List at most $3 versions of dataset $1 older than $2, the newest first.
SELECT v.name, v.version, v.sha256, v.bytes, v.owner, v.created_at, v.audit, v.column_name, COALESCE(v.disk_bytes, v.bytes),
       (SELECT json_agg(json_build_object('column', c.column_name, 'sha256', c.sha256, 'bytes', c.bytes, 'disk', COALESCE(c.disk_bytes, c.bytes), 'audit', c.audit) ORDER BY c.place)
        FROM dataset_column c WHERE c.name = v.name AND c.version = v.version) AS further
FROM dataset_version v
WHERE v.name = $1 AND v.version < $2 AND v.removed_at IS NULL
ORDER BY v.version DESC
LIMIT $3;
