-- +goose Up
-- How many of the jobs that it follows hold a run back.
ALTER TABLE held ADD COLUMN waits integer NOT NULL DEFAULT 0, ADD CONSTRAINT held_waits_check CHECK (waits >= 0);
-- For release_held and get_next_release: what waits for jobs is not in it.
DROP INDEX held_not_before_job_idx;
CREATE INDEX held_not_before_job_idx ON held (not_before, job) WHERE waits = 0;

-- The jobs that hold a run back: a row for each that counts in held.waits.
CREATE TABLE predecessor (
    after  uuid    NOT NULL, -- the job that must end first
    job    uuid    NOT NULL, -- that is held back
    anyhow boolean NOT NULL, -- however that one ends
    CONSTRAINT predecessor_pkey PRIMARY KEY (after, job), -- for lock_successors
    CONSTRAINT predecessor_job_fkey FOREIGN KEY (job) REFERENCES job (id) ON DELETE CASCADE
);
-- For free_run and forget_held.
CREATE INDEX predecessor_job_idx ON predecessor (job);

-- Jobs that have ended and that others may wait for: their successors are looked at later, a
-- bounded number at once. A trigger writes it, so that no statement that ends a job can forget
-- to, programs from before neither.
CREATE TABLE ended_predecessor (
    job   uuid NOT NULL, -- it may have been removed
    state text NOT NULL, -- in which it ended
    CONSTRAINT ended_predecessor_pkey PRIMARY KEY (job)
);
ALTER TABLE job ADD COLUMN awaited boolean NOT NULL DEFAULT false; -- a job follows it, or has followed it

-- +goose StatementBegin
CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ended_predecessor (job, state) VALUES (NEW.id, NEW.state)
    ON CONFLICT (job) DO UPDATE SET state = EXCLUDED.state;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER job_end AFTER UPDATE OF state ON job FOR EACH ROW
    WHEN (NEW.awaited AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION note_end();

-- +goose Down
-- Nobody would free them.
INSERT INTO outbox (job, run, action, bytes) SELECT job, run, 'enqueue', bytes FROM held WHERE waits > 0 ON CONFLICT DO NOTHING;
DELETE FROM held WHERE waits > 0;
DROP TRIGGER job_end ON job;
DROP FUNCTION note_end;
ALTER TABLE job DROP COLUMN awaited;
DROP TABLE ended_predecessor;
DROP TABLE predecessor;
DROP INDEX held_not_before_job_idx;
CREATE INDEX held_not_before_job_idx ON held (not_before, job);
ALTER TABLE held DROP CONSTRAINT held_waits_check, DROP COLUMN waits;
