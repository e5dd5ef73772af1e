-- +goose Up

-- While the secret of a service account is rotated, the one before is valid, too, with a
-- session of its own, until a time. Programs that still use it are seen by its last use.
ALTER TABLE service_account
    ADD COLUMN last_used_at        timestamptz,
    ADD COLUMN previous_digest     bytea,
    ADD COLUMN previous_session_id uuid,
    ADD COLUMN previous_until      timestamptz,
    ADD COLUMN previous_used_at    timestamptz,
    ADD CONSTRAINT service_account_previous_digest_check CHECK (octet_length(previous_digest) = 32),
    ADD CONSTRAINT service_account_previous_until_check CHECK (
        num_nulls(previous_digest, previous_session_id, previous_until) IN (0, 3));

-- +goose Down
ALTER TABLE service_account
    DROP COLUMN last_used_at,
    DROP COLUMN previous_digest,
    DROP COLUMN previous_session_id,
    DROP COLUMN previous_until,
    DROP COLUMN previous_used_at;
