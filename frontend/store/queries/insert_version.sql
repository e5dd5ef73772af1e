-- Insert version $2 of dataset $1.
INSERT INTO dataset_version (name, version, sha256, bytes, owner, audit, column_name)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING created_at;
