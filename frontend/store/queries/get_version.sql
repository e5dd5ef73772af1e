-- Get version $2 of dataset $1; 0 stands for the newest.
SELECT v.name, v.version, v.sha256, v.bytes, v.owner, v.created_at, v.audit, v.column_name, COALESCE(v.disk_bytes, v.bytes),
       (SELECT json_agg(json_build_object('column', c.column_name, 'sha256', c.sha256, 'bytes', c.bytes, 'disk', COALESCE(c.disk_bytes, c.bytes), 'audit', c.audit) ORDER BY c.place)
        FROM dataset_column c WHERE c.name = v.name AND c.version = v.version) AS further
FROM dataset d
JOIN dataset_version v ON v.name = d.name AND v.version = CASE WHEN $2::integer = 0 THEN d.newest ELSE $2 END
WHERE d.name = $1 AND v.removed_at IS NULL;
