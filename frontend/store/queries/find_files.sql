-- Find those of the files $1 that a version of a dataset has, which is not removed.
SELECT sha256 FROM dataset_version WHERE sha256 = ANY ($1::text[]) AND removed_at IS NULL
UNION
SELECT c.sha256 FROM dataset_column c
JOIN dataset_version v ON v.name = c.name AND v.version = c.version
WHERE c.sha256 = ANY ($1) AND v.removed_at IS NULL;
