-- +goose Up

-- The request that the work on the message is part of, for the logs of the worker.
ALTER TABLE message ADD COLUMN request_id text NOT NULL DEFAULT '';
ALTER TABLE ended ADD COLUMN request_id text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE message DROP COLUMN request_id;
ALTER TABLE ended DROP COLUMN request_id;
