-- +goose Up
-- The feed knows its readers: what one of them has not read yet is not deleted. sent is
-- the last position that a reader was given; one that names a later position has read
-- another feed than this, as after a backup is restored.
CREATE TABLE reader (
    account  text        NOT NULL, -- subject of its token
    name     text        NOT NULL,
    position bigint      NOT NULL,
    sent     bigint      NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reader_pkey PRIMARY KEY (account, name),
    CONSTRAINT reader_position_check CHECK (position BETWEEN 0 AND sent)
);

-- One row: which feed this is, and up to where results were deleted from it.
CREATE TABLE epoch (
    one       boolean NOT NULL DEFAULT true,
    id        uuid    NOT NULL DEFAULT gen_random_uuid(),
    forgotten bigint  NOT NULL DEFAULT 0,
    CONSTRAINT epoch_pkey PRIMARY KEY (one),
    CONSTRAINT epoch_one_check CHECK (one)
);
INSERT INTO epoch DEFAULT VALUES;

-- +goose Down
DROP TABLE epoch;
DROP TABLE reader;
