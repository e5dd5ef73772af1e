-- +goose Up
-- What a list shows of a specification, so that it need not read all of it. Null for
-- jobs of programs from before, whose lists take it from the specification.
ALTER TABLE job ADD COLUMN brief json;

-- +goose Down
ALTER TABLE job DROP COLUMN brief;
