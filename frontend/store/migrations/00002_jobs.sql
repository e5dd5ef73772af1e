-- +goose Up
CREATE TABLE job (
    id              uuid        NOT NULL,
    owner           text        NOT NULL, -- name of the user, for people
    subject         text        NOT NULL, -- identifier of the user
    state           text        NOT NULL DEFAULT 'queued',
    run             integer     NOT NULL DEFAULT 1, -- grows with each retry; every run is a message of its own
    version         integer     NOT NULL DEFAULT 1, -- of what the client asked for: its ETag
    base            integer     NOT NULL DEFAULT 0, -- version minus the revision of this run's message
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at      timestamptz,
    ended_at        timestamptz,
    dataset         text        NOT NULL,
    dataset_version integer     NOT NULL,
    spec            json        NOT NULL,
    attempts        integer     NOT NULL DEFAULT 0,
    error           json,
    cancelling      boolean     NOT NULL DEFAULT false,
    idempotency     bytea,      -- SHA-256 of the client's key
    request         bytea,      -- SHA-256 of what it asked for under that key
    CONSTRAINT job_pkey PRIMARY KEY (id),
    CONSTRAINT job_dataset_fkey FOREIGN KEY (dataset, dataset_version) REFERENCES dataset_version (name, version),
    CONSTRAINT job_state_check CHECK (state IN ('queued', 'running', 'done', 'partial', 'failed', 'cancelled', 'dead')),
    CONSTRAINT job_run_check CHECK (run >= 1),
    CONSTRAINT job_version_check CHECK (base >= 0 AND version > base),
    CONSTRAINT job_ended_check CHECK ((ended_at IS NULL) = (state IN ('queued', 'running'))),
    CONSTRAINT job_idempotency_check CHECK ((idempotency IS NULL) = (request IS NULL))
);

-- For create_job and find_repeat.
CREATE UNIQUE INDEX job_idempotency_key ON job (subject, idempotency) WHERE idempotency IS NOT NULL;
-- For list_jobs.
CREATE INDEX job_created_at_idx ON job (created_at DESC, id DESC);

-- What this service means to tell the queue. A row is taken before it is sent
-- and deleted after the answer; until it is taken, the queue cannot know it.
CREATE TABLE outbox (
    id       bigint      GENERATED ALWAYS AS IDENTITY,
    job      uuid        NOT NULL,
    action   text        NOT NULL,
    bytes    integer     NOT NULL, -- about what the message weighs
    taken_at timestamptz,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_job_fkey FOREIGN KEY (job) REFERENCES job (id) ON DELETE CASCADE,
    CONSTRAINT outbox_job_key UNIQUE (job, action),
    CONSTRAINT outbox_action_check CHECK (action IN ('enqueue', 'cancel'))
);

-- What a job is about to become at the queue: written before the queue is
-- told, so that nobody forgets what ran when this service dies in between.
CREATE TABLE replacement (
    job             uuid        NOT NULL,
    run             integer     NOT NULL,
    revision        integer     NOT NULL, -- that the message gets
    spec            json        NOT NULL,
    dataset         text        NOT NULL,
    dataset_version integer     NOT NULL,
    begun_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT replacement_pkey PRIMARY KEY (job),
    CONSTRAINT replacement_job_fkey FOREIGN KEY (job) REFERENCES job (id) ON DELETE CASCADE,
    CONSTRAINT replacement_dataset_fkey FOREIGN KEY (dataset, dataset_version) REFERENCES dataset_version (name, version),
    CONSTRAINT replacement_revision_check CHECK (revision >= 2)
);

-- The answer of a job's last run, without the parts of a large one.
CREATE TABLE result (
    job    uuid    NOT NULL,
    run    integer NOT NULL,
    answer bytea   NOT NULL, -- JSON as the calculation sent it
    parts  integer NOT NULL DEFAULT 0,
    CONSTRAINT result_pkey PRIMARY KEY (job),
    CONSTRAINT result_job_fkey FOREIGN KEY (job) REFERENCES job (id) ON DELETE CASCADE,
    CONSTRAINT result_parts_check CHECK (parts >= 0)
);

-- Part number index of a large answer: a JSON array of assets.
CREATE TABLE result_part (
    job   uuid    NOT NULL,
    run   integer NOT NULL,
    index integer NOT NULL,
    body  bytea   NOT NULL,
    CONSTRAINT result_part_pkey PRIMARY KEY (job, run, index),
    CONSTRAINT result_part_job_fkey FOREIGN KEY (job) REFERENCES job (id) ON DELETE CASCADE,
    CONSTRAINT result_part_index_check CHECK (index >= 0)
);

-- How far the queue's results feed is applied: one row.
CREATE TABLE feed (
    one      boolean NOT NULL DEFAULT true,
    position bigint  NOT NULL DEFAULT 0,
    CONSTRAINT feed_pkey PRIMARY KEY (one),
    CONSTRAINT feed_one_check CHECK (one)
);
INSERT INTO feed DEFAULT VALUES;

-- +goose Down
DROP TABLE feed;
DROP TABLE result_part;
DROP TABLE result;
DROP TABLE replacement;
DROP TABLE outbox;
DROP TABLE job;
