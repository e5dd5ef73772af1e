-- +goose Up
CREATE TABLE dataset (
    name       text        NOT NULL,
    newest     integer     NOT NULL DEFAULT 0, -- version; 0 only inside the transaction that adds the first
    CONSTRAINT dataset_pkey PRIMARY KEY (name),
    CONSTRAINT dataset_name_check CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    CONSTRAINT dataset_newest_check CHECK (newest >= 0)
);

-- A version never changes. Its values are the file <sha256>.arrow of the data
-- directory, which was complete before the row was.
CREATE TABLE dataset_version (
    name       text        NOT NULL,
    version    integer     NOT NULL,
    sha256     text        NOT NULL,
    bytes      bigint      NOT NULL,
    owner      text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    audit      json        NOT NULL,
    CONSTRAINT dataset_version_pkey PRIMARY KEY (name, version),
    CONSTRAINT dataset_version_dataset_fkey FOREIGN KEY (name) REFERENCES dataset (name),
    CONSTRAINT dataset_version_version_check CHECK (version >= 1),
    CONSTRAINT dataset_version_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT dataset_version_bytes_check CHECK (bytes > 0)
);

-- +goose Down
DROP TABLE dataset_version;
DROP TABLE dataset;
