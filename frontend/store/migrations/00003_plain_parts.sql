-- +goose Up
-- Compressing the parts of an answer takes the server longer than all the rest
-- of their way, so they are kept as they come.
ALTER TABLE result_part ALTER COLUMN body SET STORAGE EXTERNAL;

-- +goose Down
ALTER TABLE result_part ALTER COLUMN body SET STORAGE EXTENDED;
