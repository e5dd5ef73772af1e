-- +goose Up
-- Owners are compared byte by byte, as Go does: claims go through their circle in both.
ALTER TABLE message ALTER COLUMN owner TYPE text COLLATE "C";
ALTER TABLE ended ALTER COLUMN owner TYPE text COLLATE "C";
ALTER TABLE share ALTER COLUMN owner TYPE text COLLATE "C";

-- +goose Down
ALTER TABLE share ALTER COLUMN owner TYPE text;
ALTER TABLE ended ALTER COLUMN owner TYPE text;
ALTER TABLE message ALTER COLUMN owner TYPE text;
