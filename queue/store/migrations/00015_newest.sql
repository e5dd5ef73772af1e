-- +goose Up

-- These tables have one row, of which each upload and each end writes a version. What is greatest is
-- newest: the index finds it without passing the others, which stay while any transaction of the server is
-- open that is older.
ALTER TABLE deal ADD COLUMN uploads bigint NOT NULL DEFAULT 0;
CREATE INDEX deal_uploads_idx ON deal (uploads);
CREATE INDEX feed_last_idx ON feed (last);

-- +goose Down
DROP INDEX feed_last_idx;
DROP INDEX deal_uploads_idx;
ALTER TABLE deal DROP COLUMN uploads;
