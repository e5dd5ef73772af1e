-- +goose Up
-- What the jobs of each owner took on each day, in UTC. It stays when the jobs are removed. The runs that programs from before end are
-- missing.
CREATE TABLE usage (
    day          date             NOT NULL,
    subject      text             NOT NULL, -- identifier of the user
    owner        text             NOT NULL, -- name of the user, for people
    runs         bigint           NOT NULL, -- that have ended
    core_seconds double precision NOT NULL,
    CONSTRAINT usage_pkey PRIMARY KEY (day, subject),
    CONSTRAINT usage_runs_check CHECK (runs > 0),
    CONSTRAINT usage_core_seconds_check CHECK (core_seconds >= 0)
);

-- +goose Down
DROP TABLE usage;
