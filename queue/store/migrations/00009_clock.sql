-- +goose Up
-- Uploads and ends wait for locks: their times are those at which they took effect, in the
-- order of seq and of the feed, not those at which their transactions began.
ALTER TABLE message ALTER COLUMN enqueued_at SET DEFAULT clock_timestamp();
ALTER TABLE ended ALTER COLUMN ended_at SET DEFAULT clock_timestamp();

-- +goose Down
ALTER TABLE ended ALTER COLUMN ended_at SET DEFAULT now();
ALTER TABLE message ALTER COLUMN enqueued_at SET DEFAULT now();
