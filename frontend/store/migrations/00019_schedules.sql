-- +goose Up
-- What submits jobs at certain times.
CREATE TABLE schedule (
    id            uuid        NOT NULL, -- part of the keys of its jobs, unlike its name never used again
    name          text        NOT NULL,
    owner         text        NOT NULL, -- name of the user for whom it acts
    subject       text        NOT NULL, -- identifier of that user
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    version       integer     NOT NULL DEFAULT 1, -- its ETag
    plan          json        NOT NULL,
    next_at       timestamptz, -- null while it is paused, and when it never fires again
    paused_reason text        NOT NULL DEFAULT '',
    last_at       timestamptz,
    last_job      uuid,
    last_error    json,
    fired         integer     NOT NULL DEFAULT 0,
    CONSTRAINT schedule_pkey PRIMARY KEY (id),
    CONSTRAINT schedule_name_key UNIQUE (name),
    CONSTRAINT schedule_name_check CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$')
);
-- For list_due_schedules.
CREATE INDEX schedule_next_at_idx ON schedule (next_at) WHERE next_at IS NOT NULL;
-- For count_schedules.
CREATE INDEX schedule_subject_idx ON schedule (subject);

-- +goose Down
DROP TABLE schedule;
