-- +goose Up
-- The share of the leases that a queue gets beside others, see claim_messages.
ALTER TABLE queue
    ADD COLUMN weight integer NOT NULL DEFAULT 1 CONSTRAINT queue_weight_check CHECK (weight BETWEEN 1 AND 1000),
    ADD COLUMN max_leased integer NOT NULL DEFAULT 0 CONSTRAINT queue_max_leased_check CHECK (max_leased >= 0); -- 0 for no maximum

-- +goose Down
ALTER TABLE queue DROP COLUMN max_leased, DROP COLUMN weight;
