-- +goose Up

-- The scopes that a session was narrowed to; NULL means all that its user's roles allow.
ALTER TABLE session ADD COLUMN scopes text[];

-- Chosen when the token is first exchanged: its successor follows from the token and
-- the salt, so that a second exchange within the grace gives the same one.
ALTER TABLE refresh_token ADD COLUMN salt bytea;
ALTER TABLE refresh_token ADD CONSTRAINT refresh_token_salt_check CHECK (octet_length(salt) = 32);

-- +goose Down
ALTER TABLE refresh_token DROP COLUMN salt;
ALTER TABLE session DROP COLUMN scopes;
