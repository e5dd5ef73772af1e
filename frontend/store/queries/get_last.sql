-- Get the last number that a version of dataset $1 has had, also one that was removed.
SELECT COALESCE(max(version), 0) FROM dataset_version WHERE name = $1;
