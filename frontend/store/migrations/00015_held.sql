-- +goose Up
-- Runs that are not to begin yet, for release_held. Only then do they enter the outbox, so
-- that taking its oldest entries never passes over them, and programs from before do not send them.
CREATE TABLE held (
    job        uuid        NOT NULL,
    run        integer     NOT NULL,
    bytes      integer     NOT NULL, -- about what the message weighs
    not_before timestamptz NOT NULL,
    CONSTRAINT held_pkey PRIMARY KEY (job),
    CONSTRAINT held_job_fkey FOREIGN KEY (job) REFERENCES job (id) ON DELETE CASCADE
);
-- For release_held and get_next_release.
CREATE INDEX held_not_before_job_idx ON held (not_before, job);

-- +goose Down
-- Nothing else would send them.
INSERT INTO outbox (job, run, action, bytes) SELECT job, run, 'enqueue', bytes FROM held ON CONFLICT DO NOTHING;
DROP TABLE held;
