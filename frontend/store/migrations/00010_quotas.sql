-- +goose Up
-- For count_in_flight.
CREATE INDEX job_subject_idx ON job (subject) WHERE state IN ('queued', 'running');
-- For sum_bytes.
CREATE INDEX dataset_version_owner_idx ON dataset_version (owner);

-- +goose Down
DROP INDEX dataset_version_owner_idx;
DROP INDEX job_subject_idx;
