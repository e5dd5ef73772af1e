-- +goose Up
-- The position in the results feed belongs to an epoch of the feed, '' until one is known.
ALTER TABLE feed ADD COLUMN epoch text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE feed DROP COLUMN epoch;
