-- +goose Up
-- Serves get_held_part, and put_part for the parts that it replaces: all tokens of one index.
ALTER TABLE part DROP CONSTRAINT part_pkey, ADD PRIMARY KEY (message_id, index, token);

-- +goose Down
ALTER TABLE part DROP CONSTRAINT part_pkey, ADD PRIMARY KEY (message_id, token, index);
