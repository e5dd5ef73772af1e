-- +goose Up
-- What happens to jobs, datasets and schedules, in one order that all readers share. Triggers write it
-- in the transaction of the change, so that no statement can forget to, programs from before neither.
--
-- A transaction leaves its events here, and number_events moves those that are committed to the
-- end of the log. A row of a job is locked when its event gets its seq: of two events of one job the
-- earlier has the smaller seq, and is visible whenever the later is. The sequence must have no cache
-- of more than one number, or that would not hold between two connections.
CREATE TABLE pending_event (
    seq      bigint      GENERATED ALWAYS AS IDENTITY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    type     text        NOT NULL,
    owner    text        NOT NULL, -- name of the user whose job, version or schedule it is
    job      uuid,
    run      integer,
    batch    uuid,
    dataset  text,
    version  integer,    -- of the dataset
    schedule text,
    progress double precision,
    error    json,
    CONSTRAINT pending_event_pkey PRIMARY KEY (seq)
);

-- The log. A reader that continues after a position misses nothing: positions are assigned under
-- a lock that lasts until the commit, and without gaps.
CREATE TABLE event (
    position bigint      NOT NULL,
    at       timestamptz NOT NULL,
    type     text        NOT NULL,
    owner    text        NOT NULL,
    job      uuid,
    run      integer,
    batch    uuid,
    dataset  text,
    version  integer,
    schedule text,
    progress double precision,
    error    json,
    CONSTRAINT event_pkey PRIMARY KEY (position) -- for list_events
);
-- For list_events_of_job.
CREATE INDEX event_job_position_idx ON event (job, position) WHERE job IS NOT NULL;

-- One row: the last position, and that up to which events were deleted.
CREATE TABLE event_log (
    one       boolean NOT NULL DEFAULT true,
    last      bigint  NOT NULL DEFAULT 0,
    forgotten bigint  NOT NULL DEFAULT 0,
    CONSTRAINT event_log_pkey PRIMARY KEY (one),
    CONSTRAINT event_log_one_check CHECK (one),
    CONSTRAINT event_log_forgotten_check CHECK (forgotten BETWEEN 0 AND last)
);
INSERT INTO event_log DEFAULT VALUES;

-- Of a running job, as far as it is on record.
ALTER TABLE job ADD COLUMN progress double precision NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE FUNCTION note_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pending_event (type, owner, job, run, batch, dataset, version, progress, error)
    VALUES (CASE
            WHEN OLD.state IS DISTINCT FROM NEW.state OR OLD.run <> NEW.run THEN 'job.' || NEW.state
            WHEN NEW.cancelling AND NOT OLD.cancelling THEN 'job.cancelling'
            WHEN NEW.version <> OLD.version THEN 'job.changed'
            ELSE 'job.progress' END,
        NEW.owner, NEW.id, NEW.run, NEW.batch, NEW.dataset, NEW.dataset_version,
        CASE WHEN NEW.state = 'running' THEN NEW.progress END, NEW.error);
    RETURN NULL;
END $$;

CREATE FUNCTION note_job_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pending_event (type, owner, job, run, batch, dataset, version)
    VALUES ('job.removed', OLD.owner, OLD.id, OLD.run, OLD.batch, OLD.dataset, OLD.dataset_version);
    RETURN NULL;
END $$;

CREATE FUNCTION note_dataset() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pending_event (type, owner, dataset, version)
    VALUES (CASE WHEN NEW.removed_at IS NULL THEN 'dataset.added' ELSE 'dataset.removed' END, NEW.owner, NEW.name, NEW.version);
    RETURN NULL;
END $$;

CREATE FUNCTION note_schedule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pending_event (type, owner, schedule, job, error)
    VALUES (CASE
            WHEN OLD.id IS NULL THEN 'schedule.added'
            WHEN NEW.fired > OLD.fired THEN 'schedule.fired'
            WHEN NEW.version = OLD.version THEN 'schedule.failed'
            WHEN NEW.paused_reason <> '' THEN 'schedule.paused'
            ELSE 'schedule.changed' END,
        NEW.owner, NEW.name,
        CASE WHEN NEW.fired > OLD.fired THEN NEW.last_job END,
        CASE WHEN OLD.id IS NOT NULL AND NEW.fired = OLD.fired AND NEW.version = OLD.version THEN NEW.last_error END);
    RETURN NULL;
END $$;

CREATE FUNCTION note_schedule_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pending_event (type, owner, schedule) VALUES ('schedule.removed', OLD.owner, OLD.name);
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER job_insert AFTER INSERT ON job FOR EACH ROW EXECUTE FUNCTION note_job();
CREATE TRIGGER job_update AFTER UPDATE ON job FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.run <> NEW.run OR NEW.cancelling AND NOT OLD.cancelling OR OLD.version <> NEW.version
        OR NEW.state = 'running' AND NEW.progress > OLD.progress)
    EXECUTE FUNCTION note_job();
CREATE TRIGGER job_delete AFTER DELETE ON job FOR EACH ROW EXECUTE FUNCTION note_job_removal();
CREATE TRIGGER dataset_version_insert AFTER INSERT ON dataset_version FOR EACH ROW EXECUTE FUNCTION note_dataset();
CREATE TRIGGER dataset_version_update AFTER UPDATE OF removed_at ON dataset_version FOR EACH ROW
    WHEN (OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL) EXECUTE FUNCTION note_dataset();
CREATE TRIGGER schedule_insert AFTER INSERT ON schedule FOR EACH ROW EXECUTE FUNCTION note_schedule();
CREATE TRIGGER schedule_update AFTER UPDATE ON schedule FOR EACH ROW
    WHEN (NEW.fired > OLD.fired OR NEW.version <> OLD.version OR NEW.last_error::text IS DISTINCT FROM OLD.last_error::text)
    EXECUTE FUNCTION note_schedule();
CREATE TRIGGER schedule_delete AFTER DELETE ON schedule FOR EACH ROW EXECUTE FUNCTION note_schedule_removal();

-- +goose Down
DROP TRIGGER schedule_delete ON schedule;
DROP TRIGGER schedule_update ON schedule;
DROP TRIGGER schedule_insert ON schedule;
DROP TRIGGER dataset_version_update ON dataset_version;
DROP TRIGGER dataset_version_insert ON dataset_version;
DROP TRIGGER job_delete ON job;
DROP TRIGGER job_update ON job;
DROP TRIGGER job_insert ON job;
DROP FUNCTION note_schedule_removal, note_schedule, note_dataset, note_job_removal, note_job;
DROP TABLE event_log;
DROP TABLE event;
DROP TABLE pending_event;
UPDATE job SET state = 'queued', started_at = NULL WHERE state = 'running';
ALTER TABLE job DROP COLUMN progress;
