-- +goose Up
-- Answers whose parts are fetched after the feed has moved on, so that a large one does
-- not keep the results behind it waiting. A process that takes one may die: another takes
-- it later.
CREATE TABLE late_answer (
    job      uuid        NOT NULL,
    run      integer     NOT NULL,
    parts    integer     NOT NULL,
    result   bytea       NOT NULL, -- JSON, as the feed has it
    taken_at timestamptz,
    CONSTRAINT late_answer_pkey PRIMARY KEY (job, run),
    CONSTRAINT late_answer_job_fkey FOREIGN KEY (job) REFERENCES job (id) ON DELETE CASCADE
);

-- +goose Down
DROP TABLE late_answer;
