-- +goose Up
-- For list_jobs_by_end, with or without its filters, and the first one for list_expired as well.
CREATE INDEX job_state_ended_at_id_idx ON job (state, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX job_state_owner_ended_at_id_idx ON job (state, owner, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX job_state_dataset_ended_at_id_idx ON job (state, dataset, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX job_state_owner_dataset_ended_at_id_idx ON job (state, owner, dataset, ended_at, id) WHERE ended_at IS NOT NULL;
-- For list_jobs_by_duration.
CREATE INDEX job_state_expr_id_idx ON job (state, (ended_at - started_at), id) WHERE ended_at - started_at IS NOT NULL;
-- The server took it for list_jobs_by_end, and read all jobs of other states on the way.
DROP INDEX job_ended_at_idx;

-- +goose Down
CREATE INDEX job_ended_at_idx ON job (ended_at) WHERE ended_at IS NOT NULL;
DROP INDEX job_state_expr_id_idx;
DROP INDEX job_state_owner_dataset_ended_at_id_idx;
DROP INDEX job_state_dataset_ended_at_id_idx;
DROP INDEX job_state_owner_ended_at_id_idx;
DROP INDEX job_state_ended_at_id_idx;
