-- +goose Up
-- Four bytes for the name of each asset of a part, so that list_parts_with need not read the part; null for those of programs from before.
ALTER TABLE result_part ADD COLUMN names bytea;
ALTER TABLE result_part ALTER COLUMN names SET STORAGE EXTERNAL;

-- +goose Down
ALTER TABLE result_part DROP COLUMN names;
