-- +goose Up
-- The values of a version are those of one column of its file. A file with the bars of
-- prices has further columns, each with an Arrow file of its own, which a job may
-- choose instead.
ALTER TABLE dataset_version
    ADD COLUMN column_name text NOT NULL DEFAULT ''; -- '' where the column has no name, and for versions from before

CREATE TABLE dataset_column (
    name        text    NOT NULL,
    version     integer NOT NULL,
    column_name text    NOT NULL,
    place       integer NOT NULL, -- in the order of the columns
    sha256      text    NOT NULL,
    bytes       bigint  NOT NULL,
    audit       json    NOT NULL,
    CONSTRAINT dataset_column_pkey PRIMARY KEY (name, version, column_name),
    CONSTRAINT dataset_column_version_fkey FOREIGN KEY (name, version) REFERENCES dataset_version (name, version),
    CONSTRAINT dataset_column_name_check CHECK (column_name <> ''),
    CONSTRAINT dataset_column_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT dataset_column_bytes_check CHECK (bytes > 0)
);

ALTER TABLE job
    ADD COLUMN dataset_column text, -- null for the version's own column
    ADD CONSTRAINT job_dataset_column_fkey FOREIGN KEY (dataset, dataset_version, dataset_column)
        REFERENCES dataset_column (name, version, column_name);

-- +goose Down
ALTER TABLE job
    DROP CONSTRAINT job_dataset_column_fkey,
    DROP COLUMN dataset_column;
DROP TABLE dataset_column;
ALTER TABLE dataset_version DROP COLUMN column_name;
