-- +goose Up

-- The span that the work on the message is below, and the leases that ended without ending the message, of which the oldest
-- are forgotten: what a trace needs.
ALTER TABLE message ADD COLUMN traceparent text NOT NULL DEFAULT '', ADD COLUMN past jsonb NOT NULL DEFAULT '[]';
ALTER TABLE ended ADD COLUMN traceparent text NOT NULL DEFAULT '', ADD COLUMN past jsonb NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE message DROP COLUMN traceparent, DROP COLUMN past;
ALTER TABLE ended DROP COLUMN traceparent, DROP COLUMN past;
