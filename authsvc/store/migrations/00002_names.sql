-- +goose Up

-- Constraints and indexes get the names that PostgreSQL itself would give them,
-- as in every other schema.

ALTER TABLE users RENAME CONSTRAINT users_name_pattern TO users_name_check;
ALTER TABLE users RENAME CONSTRAINT users_roles_known TO users_roles_check;
ALTER TABLE users RENAME CONSTRAINT users_removed_without_password TO users_removed_at_check;
-- Serves find_user and list_users, and lets one living user have a name.
ALTER INDEX users_living_name RENAME TO users_name_key;

ALTER TABLE session RENAME CONSTRAINT session_revoked_by_known TO session_revoked_by_check;
ALTER TABLE session RENAME CONSTRAINT session_revoked_with_reason TO session_revoked_at_check;
-- Serves revoke_sessions.
ALTER INDEX session_of_user RENAME TO session_user_id_idx;
-- Serves purge_sessions.
ALTER INDEX session_expiry RENAME TO session_expires_at_idx;

ALTER TABLE refresh_token RENAME CONSTRAINT refresh_token_digest_length TO refresh_token_digest_check;
-- Serves purge_sessions, by the cascade.
ALTER INDEX refresh_token_session RENAME TO refresh_token_session_id_idx;

ALTER TABLE service_account RENAME CONSTRAINT service_account_name_pattern TO service_account_name_check;
ALTER TABLE service_account RENAME CONSTRAINT service_account_digest_length TO service_account_secret_digest_check;

ALTER TABLE signing_key RENAME CONSTRAINT signing_key_state_known TO signing_key_state_check;
-- Lets one key sign and one follow it.
ALTER INDEX signing_key_one RENAME TO signing_key_state_key;

-- +goose Down
ALTER TABLE users RENAME CONSTRAINT users_name_check TO users_name_pattern;
ALTER TABLE users RENAME CONSTRAINT users_roles_check TO users_roles_known;
ALTER TABLE users RENAME CONSTRAINT users_removed_at_check TO users_removed_without_password;
ALTER INDEX users_name_key RENAME TO users_living_name;
ALTER TABLE session RENAME CONSTRAINT session_revoked_by_check TO session_revoked_by_known;
ALTER TABLE session RENAME CONSTRAINT session_revoked_at_check TO session_revoked_with_reason;
ALTER INDEX session_user_id_idx RENAME TO session_of_user;
ALTER INDEX session_expires_at_idx RENAME TO session_expiry;
ALTER TABLE refresh_token RENAME CONSTRAINT refresh_token_digest_check TO refresh_token_digest_length;
ALTER INDEX refresh_token_session_id_idx RENAME TO refresh_token_session;
ALTER TABLE service_account RENAME CONSTRAINT service_account_name_check TO service_account_name_pattern;
ALTER TABLE service_account RENAME CONSTRAINT service_account_secret_digest_check TO service_account_digest_length;
ALTER TABLE signing_key RENAME CONSTRAINT signing_key_state_check TO signing_key_state_known;
ALTER INDEX signing_key_state_key RENAME TO signing_key_one;
