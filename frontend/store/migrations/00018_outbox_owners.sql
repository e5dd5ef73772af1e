-- +goose Up
-- Whose job an entry is about: owners take turns. '' for entries of a program from before.
ALTER TABLE outbox ADD COLUMN owner text NOT NULL DEFAULT '';
UPDATE outbox SET owner = job.owner FROM job WHERE job.id = outbox.job;
-- For take_entries.
CREATE INDEX outbox_owner_id_idx ON outbox (owner, id);

-- +goose Down
ALTER TABLE outbox DROP COLUMN owner;
