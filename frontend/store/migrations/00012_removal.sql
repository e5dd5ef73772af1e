-- +goose Up
-- A version that was removed keeps its number, which its jobs name, and nothing else: its
-- files are deleted.
ALTER TABLE dataset_version ADD COLUMN removed_at timestamptz;
-- For list_expired.
CREATE INDEX job_ended_at_idx ON job (ended_at) WHERE ended_at IS NOT NULL;

-- +goose Down
DROP INDEX job_ended_at_idx;
ALTER TABLE dataset_version DROP COLUMN removed_at;
