-- +goose Up
-- Jobs that were submitted as one thing.
CREATE TABLE batch (
    id          uuid        NOT NULL,
    name        text        NOT NULL,
    owner       text        NOT NULL, -- name of the user, for people
    subject     text        NOT NULL, -- identifier of the user
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    size        integer     NOT NULL, -- how many jobs it had
    idempotency bytea,      -- SHA-256 of the client's key
    request     bytea,      -- SHA-256 of what it asked for under that key
    CONSTRAINT batch_pkey PRIMARY KEY (id),
    CONSTRAINT batch_size_check CHECK (size > 0),
    CONSTRAINT batch_idempotency_check CHECK ((idempotency IS NULL) = (request IS NULL))
);
-- For insert_batch and find_batch.
CREATE UNIQUE INDEX batch_subject_idempotency_key ON batch (subject, idempotency) WHERE idempotency IS NOT NULL;
-- For list_batches.
CREATE INDEX batch_created_at_id_idx ON batch (created_at, id);
ALTER TABLE job
    ADD COLUMN batch uuid,
    ADD CONSTRAINT job_batch_fkey FOREIGN KEY (batch) REFERENCES batch (id);
-- For list_jobs_of_batch, list_members and remove_empty_batches.
CREATE INDEX job_batch_created_at_id_idx ON job (batch, created_at, id) WHERE batch IS NOT NULL;

-- +goose Down
DROP INDEX job_batch_created_at_id_idx;
ALTER TABLE job DROP CONSTRAINT job_batch_fkey, DROP COLUMN batch;
DROP TABLE batch;
