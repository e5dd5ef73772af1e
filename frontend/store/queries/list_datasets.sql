-- List the newest version of at most $2 datasets whose names come after $1,
-- without its further columns.
SELECT v.name, v.version, v.sha256, v.bytes, v.owner, v.created_at, v.audit, v.column_name, COALESCE(v.disk_bytes, v.bytes), NULL::json AS further
FROM dataset d
JOIN dataset_version v ON v.name = d.name AND v.version = d.newest
WHERE d.name > $1
ORDER BY d.name
LIMIT $2;
