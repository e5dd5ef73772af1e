-- Keep version $2 of the dataset $1 from being removed until the transaction ends. Returns a
-- row unless it was removed.
SELECT version FROM dataset_version WHERE name = $1 AND version = $2 AND removed_at IS NULL FOR KEY SHARE;
