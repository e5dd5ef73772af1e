-- +goose Up
-- One row: the dealing of all waiting messages over the queues, which takes its steps one
-- after the other. Every transaction that changes the queues or takes a step holds the row's lock.
CREATE TABLE dealing (
    one       boolean     NOT NULL DEFAULT true,
    under_way boolean     NOT NULL DEFAULT false,
    queues    bigint[]    NOT NULL DEFAULT '{}', -- dealt to, in their order
    passed    bigint      NOT NULL DEFAULT 0, -- the seq up to which the messages have been dealt
    dealt     bigint      NOT NULL DEFAULT 0, -- how many that were
    planned   bigint      NOT NULL DEFAULT 0, -- how many were waiting when it began
    last      boolean     NOT NULL DEFAULT false, -- the next step may be the last, and keeps uploads out
    began_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT dealing_pkey PRIMARY KEY (one),
    CONSTRAINT dealing_one_check CHECK (one)
);
INSERT INTO dealing DEFAULT VALUES;

-- +goose Down
DROP TABLE dealing;
