-- Lock the versions of the dataset $1 that are not removed, or only version $2 unless it
-- is 0. No job can be created on them until the transaction ends.
SELECT version, COALESCE(disk_bytes, bytes) FROM dataset_version
WHERE name = $1 AND ($2::integer = 0 OR version = $2) AND removed_at IS NULL
ORDER BY version
FOR UPDATE;
