-- +goose Up

-- The id of the key under which private_key is encrypted; NULL: it is not encrypted.
ALTER TABLE signing_key ADD COLUMN sealed_with text;

-- +goose Down
DELETE FROM signing_key WHERE sealed_with IS NOT NULL;
ALTER TABLE signing_key DROP COLUMN sealed_with;
