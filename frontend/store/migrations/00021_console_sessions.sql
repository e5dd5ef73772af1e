-- +goose Up
-- Who is signed in at the web console. The secret of a session is in the cookie of the
-- browser alone: this table has a digest of it, and tokens that only the secret opens.
CREATE TABLE console_session (
    id         bytea       NOT NULL, -- digest of the secret
    sealed     bytea       NOT NULL, -- its tokens, encrypted
    generation integer     NOT NULL DEFAULT 1, -- of the tokens
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT console_session_pkey PRIMARY KEY (id),
    CONSTRAINT console_session_id_check CHECK (octet_length(id) = 32)
);
-- For purge_console_sessions.
CREATE INDEX console_session_used_at_idx ON console_session (used_at);

-- +goose Down
DROP TABLE console_session;
