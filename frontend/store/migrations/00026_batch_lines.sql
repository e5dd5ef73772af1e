-- +goose Up
-- The line of the request of a batch that a job is from, from 1.
ALTER TABLE job ADD COLUMN batch_line integer; -- null for jobs without a batch, and for those of programs from before

-- +goose Down
ALTER TABLE job DROP COLUMN batch_line;
