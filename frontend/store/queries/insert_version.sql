-- Insert version $2 of dataset $1.
INSERT INTO dataset_version (name, version, sha256, bytes, owner, audit, column_name, disk_bytes)
VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8::bigint, 0))
RETURNING created_at;
