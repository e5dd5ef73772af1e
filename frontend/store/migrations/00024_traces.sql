-- +goose Up

-- What the trace of a job is made from: the span of the request that submitted it, when the present run was begun again, when
-- its result was applied here, and what the message service said of its way.
ALTER TABLE job ADD COLUMN traceparent text NOT NULL DEFAULT '', ADD COLUMN queued_at timestamptz,
    ADD COLUMN applied_at timestamptz, ADD COLUMN passage json;

-- +goose Down
ALTER TABLE job DROP COLUMN traceparent, DROP COLUMN queued_at, DROP COLUMN applied_at, DROP COLUMN passage;
