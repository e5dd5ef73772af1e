-- List at most $3 versions of dataset $1 older than $2, the newest first.
SELECT name, version, sha256, bytes, owner, created_at, audit
FROM dataset_version
WHERE name = $1 AND version < $2
ORDER BY version DESC
LIMIT $3;
