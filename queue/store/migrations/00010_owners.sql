-- +goose Up

-- Whose work a message is: owners take turns, see claim_messages. '' for producers that
-- name nobody.
ALTER TABLE message ADD COLUMN owner text NOT NULL DEFAULT '';
ALTER TABLE ended ADD COLUMN owner text NOT NULL DEFAULT '';

-- Serves claim_messages and find_due: the front of each owner in one queue.
CREATE INDEX message_line_idx ON message (queue_id, owner, priority DESC, seq) WHERE leased_until IS NULL;
DROP INDEX message_front_idx;

-- The owners whose share is not the usual one, of weight 1 and without a maximum.
CREATE TABLE share (
    owner      text    NOT NULL,
    weight     integer NOT NULL,
    max_leased integer NOT NULL, -- 0 for no maximum
    CONSTRAINT share_pkey PRIMARY KEY (owner),
    CONSTRAINT share_weight_check CHECK (weight BETWEEN 1 AND 1000),
    CONSTRAINT share_max_leased_check CHECK (max_leased >= 0)
);

-- +goose Down
DROP TABLE share;
CREATE INDEX message_front_idx ON message (queue_id, priority DESC, seq) WHERE leased_until IS NULL;
DROP INDEX message_line_idx;
ALTER TABLE ended DROP COLUMN owner;
ALTER TABLE message DROP COLUMN owner;
