-- +goose Up
-- For list_jobs, which reads the newest jobs of each state, and its variants by owner
-- and by dataset. They replace the index of all jobs by their time.
CREATE INDEX job_state_created_at_id_idx ON job (state, created_at, id);
CREATE INDEX job_state_owner_created_at_id_idx ON job (state, owner, created_at, id);
CREATE INDEX job_state_dataset_created_at_id_idx ON job (state, dataset, created_at, id);
CREATE INDEX job_state_owner_dataset_created_at_id_idx ON job (state, owner, dataset, created_at, id);
DROP INDEX job_created_at_idx;

-- +goose Down
CREATE INDEX job_created_at_idx ON job (created_at DESC, id DESC);
DROP INDEX job_state_owner_dataset_created_at_id_idx;
DROP INDEX job_state_dataset_created_at_id_idx;
DROP INDEX job_state_owner_created_at_id_idx;
DROP INDEX job_state_created_at_id_idx;
