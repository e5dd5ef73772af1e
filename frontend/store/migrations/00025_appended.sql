-- +goose Up
-- The values of a version that rows were appended to may be stored as what they have beyond those of an earlier one. Then fewer
-- bytes are on disk than its whole file would have.
ALTER TABLE dataset_version
    ADD COLUMN disk_bytes bigint, -- null for all of bytes
    ADD CONSTRAINT dataset_version_disk_bytes_check CHECK (disk_bytes > 0) NOT VALID;
ALTER TABLE dataset_column
    ADD COLUMN disk_bytes bigint, -- null for all of bytes
    ADD CONSTRAINT dataset_column_disk_bytes_check CHECK (disk_bytes > 0) NOT VALID;

-- +goose Down
ALTER TABLE dataset_column DROP COLUMN disk_bytes;
ALTER TABLE dataset_version DROP COLUMN disk_bytes;
