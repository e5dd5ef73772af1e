-- +goose Up

-- Personal access tokens, by the SHA-256 of the token. Their access tokens name a session,
-- which is another one after a change of the user's roles; a session that was is kept in
-- ended_service_session, as those of service accounts are.
CREATE TABLE personal_token (
    id           uuid PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users,
    name         text        NOT NULL,
    digest       bytea       NOT NULL,
    scopes       text[]      NOT NULL,
    session_id   uuid        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    ended_at     timestamptz,
    CONSTRAINT personal_token_name_check CHECK (name <> ''),
    CONSTRAINT personal_token_digest_check CHECK (octet_length(digest) = 32),
    CONSTRAINT personal_token_scopes_check CHECK (cardinality(scopes) > 0),
    CONSTRAINT personal_token_expires_at_check CHECK (expires_at > created_at)
);
-- Serves find_personal_token.
CREATE UNIQUE INDEX personal_token_digest_key ON personal_token (digest);
-- Serves check_session.
CREATE UNIQUE INDEX personal_token_session_id_key ON personal_token (session_id);
-- Serves what lists, counts and ends the tokens of a user, and gives each a name of its own.
CREATE UNIQUE INDEX personal_token_user_id_name_key ON personal_token (user_id, name) WHERE ended_at IS NULL;
-- Serves purge_personal_tokens.
CREATE INDEX personal_token_expires_at_idx ON personal_token (expires_at);

-- +goose Down
DROP TABLE personal_token;
