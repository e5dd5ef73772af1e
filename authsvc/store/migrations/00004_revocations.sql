-- +goose Up

-- The tokens of a service account name a session, too, which ends when the account
-- gets a new secret or is removed.
ALTER TABLE service_account ADD COLUMN session_id uuid NOT NULL DEFAULT gen_random_uuid();

-- Sessions of service accounts that have ended.
CREATE TABLE ended_service_session (
    id       uuid PRIMARY KEY,
    name     text        NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT now()
);
-- Serves list_ended_sessions and purge_service_sessions.
CREATE INDEX ended_service_session_ended_at_idx ON ended_service_session (ended_at);
-- Serves list_ended_sessions.
CREATE INDEX session_revoked_at_idx ON session (revoked_at) WHERE revoked_at IS NOT NULL;

-- +goose Down
DROP INDEX session_revoked_at_idx;
DROP TABLE ended_service_session;
ALTER TABLE service_account DROP COLUMN session_id;
