-- Insert the further column $3 of version $2 of dataset $1.
INSERT INTO dataset_column (name, version, column_name, place, sha256, bytes, audit, disk_bytes)
VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8::bigint, 0));
