-- +goose Up

-- The last request that changed what is to become of the job, and its sender's subject: the
-- message of the job carries them on.
ALTER TABLE job ADD COLUMN request_id text NOT NULL DEFAULT '', ADD COLUMN requested_by text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE job DROP COLUMN request_id, DROP COLUMN requested_by;
