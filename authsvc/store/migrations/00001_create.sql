-- +goose Up

-- People. A removed user stays as a record without password, and the name is
-- free again.
CREATE TABLE users (
    id            uuid PRIMARY KEY,
    name          text        NOT NULL,
    password_hash text        NOT NULL,
    roles         text[]      NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    removed_at    timestamptz,
    CONSTRAINT users_name_pattern CHECK (name ~ '^[a-z][a-z0-9._-]{1,31}$'),
    CONSTRAINT users_roles_known CHECK (
        cardinality(roles) > 0 AND roles <@ ARRAY['administrator', 'manager', 'secretary']),
    CONSTRAINT users_removed_without_password CHECK ((removed_at IS NULL) = (password_hash <> ''))
);
-- Serves find_user and list_users, and lets one living user have a name.
CREATE UNIQUE INDEX users_living_name ON users (name) WHERE removed_at IS NULL;

-- A login: the family of the refresh tokens that came from it.
CREATE TABLE session (
    id         uuid PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_by text,
    CONSTRAINT session_revoked_by_known CHECK (
        revoked_by IN ('logout', 'reuse', 'password', 'roles', 'removal')),
    CONSTRAINT session_revoked_with_reason CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
-- Serves revoke_sessions.
CREATE INDEX session_of_user ON session (user_id) WHERE revoked_at IS NULL;
-- Serves purge_sessions.
CREATE INDEX session_expiry ON session (expires_at);

-- Refresh tokens, by the SHA-256 of the token. A rotated one stays as long as
-- its session, so that its second use is noticed.
CREATE TABLE refresh_token (
    digest     bytea PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES session ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz,
    CONSTRAINT refresh_token_digest_length CHECK (octet_length(digest) = 32)
);
-- Serves purge_sessions, by the cascade.
CREATE INDEX refresh_token_session ON refresh_token (session_id);

-- Programs that log in with a secret of their own.
CREATE TABLE service_account (
    name          text PRIMARY KEY,
    secret_digest bytea       NOT NULL,
    scopes        text[]      NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT service_account_name_pattern CHECK (name ~ '^[a-z][a-z0-9._-]{1,31}$'),
    CONSTRAINT service_account_digest_length CHECK (octet_length(secret_digest) = 32)
);

-- Keys that sign access tokens, as PKCS #8.
CREATE TABLE signing_key (
    id          text PRIMARY KEY,
    state       text        NOT NULL,
    since       timestamptz NOT NULL,
    private_key bytea       NOT NULL,
    CONSTRAINT signing_key_state_known CHECK (state IN ('next', 'current', 'previous'))
);
-- There is one key that signs and one that follows it.
CREATE UNIQUE INDEX signing_key_one ON signing_key (state) WHERE state <> 'previous';

-- +goose Down
DROP TABLE signing_key, service_account, refresh_token, session, users;
