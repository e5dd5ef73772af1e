-- Sum the stored bytes of all versions of datasets of the owner $1, with their further columns.
SELECT COALESCE(sum(COALESCE(v.disk_bytes, v.bytes)), 0)::bigint
     + COALESCE(sum((SELECT sum(COALESCE(c.disk_bytes, c.bytes)) FROM dataset_column c WHERE c.name = v.name AND c.version = v.version)), 0)::bigint
FROM dataset_version v
WHERE v.owner = $1 AND v.removed_at IS NULL;
