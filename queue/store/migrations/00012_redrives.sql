-- +goose Up
-- The messages that had ended and wait again, in the feed beside the ended ones: a position
-- is given once for both tables. It is a table of its own because programs from before tell
-- their readers, which do not expect it, of all rows of ended.
CREATE TABLE redrive (
    position    bigint      NOT NULL,
    id          uuid        NOT NULL, -- of the message
    key         text        NOT NULL,
    revision    integer     NOT NULL,
    redriven_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT redrive_pkey PRIMARY KEY (position) -- for list_results and forget_redrives
);

-- +goose Down
DROP TABLE redrive;
