-- Remove the versions $2 of the dataset $1: what is known of them but their numbers.
WITH removed AS (
    UPDATE dataset_version SET removed_at = clock_timestamp(), audit = '{}' WHERE name = $1::text AND version = ANY ($2::integer[])
), columns AS (
    UPDATE dataset_column SET audit = '{}' WHERE name = $1 AND version = ANY ($2)
)
UPDATE dataset
SET newest = COALESCE((SELECT max(version) FROM dataset_version v WHERE v.name = $1 AND v.removed_at IS NULL AND NOT v.version = ANY ($2)), 0)
WHERE name = $1;
