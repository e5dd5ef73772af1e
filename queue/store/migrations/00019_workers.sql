-- +goose Up
-- What the workers say of themselves: a row for each, which it writes every few seconds. The table is unlogged
-- because nothing in it must survive a crash: each worker writes its row again with its next report. So
-- reports add nothing to the log, and do not wait for the disk. No index has a column that a report changes, and pages are filled
-- by half, so that a report changes its row in place.
CREATE UNLOGGED TABLE worker (
    id      bigint GENERATED ALWAYS AS IDENTITY,
    account text NOT NULL,
    name    text COLLATE "C" NOT NULL CONSTRAINT worker_name_check CHECK (length(name) BETWEEN 1 AND 200),
    since   timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    report  text NOT NULL CONSTRAINT worker_report_check CHECK (octet_length(report) <= 65536), -- JSON
    CONSTRAINT worker_pkey PRIMARY KEY (account, name),
    CONSTRAINT worker_id_key UNIQUE (id) -- for list_workers
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- +goose Down
DROP TABLE worker;
