-- +goose Up
-- How many messages in flight each queue has, counted as they come and go. A statement that adds or
-- ends messages, or moves them to another queue, adds rows to depth_change, so that none waits for
-- another; the sweeper sums them up in depth. What programs from before do is not counted
-- until the sweeper counts all messages again.
CREATE TABLE depth_change (
    xid      xid8   NOT NULL DEFAULT pg_current_xact_id(),
    queue_id bigint NOT NULL,
    messages bigint NOT NULL -- came, or went if it is less than 0
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
-- For fold_depth and list_queues, which begin where the last fold ended, and do not pass what is gone.
CREATE INDEX depth_change_xid_idx ON depth_change (xid);

CREATE TABLE depth (
    queue_id bigint NOT NULL,
    messages bigint NOT NULL,
    CONSTRAINT depth_pkey PRIMARY KEY (queue_id)
);
INSERT INTO depth (queue_id, messages) SELECT queue_id, count(*) FROM message GROUP BY queue_id;

-- One row: the changes of transactions before upto are in depth.
CREATE TABLE fold (
    one        boolean     NOT NULL DEFAULT true,
    upto       xid8        NOT NULL DEFAULT '0',
    counted_at timestamptz NOT NULL DEFAULT now(), -- when all messages were counted last
    CONSTRAINT fold_pkey PRIMARY KEY (one),
    CONSTRAINT fold_one_check CHECK (one)
);
INSERT INTO fold DEFAULT VALUES;

-- +goose Down
DROP TABLE fold;
DROP TABLE depth;
DROP TABLE depth_change;
