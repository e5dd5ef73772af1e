-- +goose Up
-- The request by which a message was leased last, as its worker names it; '' when it has no
-- name. The request repeated gets the same leases again.
ALTER TABLE message ADD COLUMN request text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE message DROP COLUMN request;
