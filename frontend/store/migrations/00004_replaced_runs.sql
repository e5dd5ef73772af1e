-- +goose Up
-- A replaced job is a cancelled run and a new one. So the outbox says which run each
-- entry is about, and whether the queue may have received it: an entry is unsent
-- while taken_at is null and maybe_sent is false. Entries from before may have been
-- sent: the versions before could return one as unsent that was sent.
ALTER TABLE outbox
    ADD COLUMN run integer,
    ADD COLUMN maybe_sent boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT outbox_job_key;
UPDATE outbox SET run = job.run, maybe_sent = true FROM job WHERE job.id = outbox.job;
ALTER TABLE outbox
    ALTER COLUMN run SET NOT NULL,
    ADD CONSTRAINT outbox_job_run_action_key UNIQUE (job, run, action);

-- A replacement that was begun becomes the next run: the client asked for it, and
-- the answer then follows what is on record, whether or not the queue has made it.
-- For a job that has ended, or that is being cancelled, it came too late.
WITH pending AS (
    SELECT r.job, r.run, r.spec, r.dataset, r.dataset_version
    FROM replacement r
    JOIN job ON job.id = r.job AND job.run = r.run
    WHERE job.state IN ('queued', 'running') AND NOT job.cancelling AND job.version - job.base < r.revision
), replaced AS (
    UPDATE job
    SET state = 'queued', run = job.run + 1, version = job.version + 1,
        spec = pending.spec, dataset = pending.dataset, dataset_version = pending.dataset_version
    FROM pending
    WHERE job.id = pending.job
)
INSERT INTO outbox (job, run, action, bytes)
SELECT job, run, 'cancel', 0 FROM pending
UNION ALL
SELECT job, run + 1, 'enqueue', octet_length(spec::text) + 400 FROM pending;

DROP TABLE replacement;
ALTER TABLE job
    DROP CONSTRAINT job_version_check,
    DROP COLUMN base,
    ADD CONSTRAINT job_version_check CHECK (version >= 1);

-- +goose Down
ALTER TABLE job
    DROP CONSTRAINT job_version_check,
    ADD COLUMN base integer NOT NULL DEFAULT 0;
UPDATE job SET base = version - 1;
ALTER TABLE job ADD CONSTRAINT job_version_check CHECK (base >= 0 AND version > base);
CREATE TABLE replacement (
    job             uuid        NOT NULL,
    run             integer     NOT NULL,
    revision        integer     NOT NULL,
    spec            json        NOT NULL,
    dataset         text        NOT NULL,
    dataset_version integer     NOT NULL,
    begun_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT replacement_pkey PRIMARY KEY (job),
    CONSTRAINT replacement_job_fkey FOREIGN KEY (job) REFERENCES job (id) ON DELETE CASCADE,
    CONSTRAINT replacement_dataset_fkey FOREIGN KEY (dataset, dataset_version) REFERENCES dataset_version (name, version),
    CONSTRAINT replacement_revision_check CHECK (revision >= 2)
);
DELETE FROM outbox USING job WHERE job.id = outbox.job AND job.run <> outbox.run;
UPDATE outbox SET taken_at = '-infinity' WHERE maybe_sent AND taken_at IS NULL;
ALTER TABLE outbox
    DROP CONSTRAINT outbox_job_run_action_key,
    DROP COLUMN run,
    DROP COLUMN maybe_sent,
    ADD CONSTRAINT outbox_job_key UNIQUE (job, action);
