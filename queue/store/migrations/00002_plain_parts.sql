-- +goose Up
-- Parts are bytes that nobody looks inside. Compressing them takes the server
-- longer than all the rest of their way, so they are kept as they come.
ALTER TABLE part ALTER COLUMN body TYPE bytea USING convert_to(body, 'UTF8');
ALTER TABLE part ALTER COLUMN body SET STORAGE EXTERNAL;

-- +goose Down
ALTER TABLE part ALTER COLUMN body TYPE text USING convert_from(body, 'UTF8');
