-- +goose Up
-- A job may convert its assets into one currency by the rates of a second dataset.
ALTER TABLE job
    ADD COLUMN rates         text,
    ADD COLUMN rates_version integer,
    ADD CONSTRAINT job_rates_fkey FOREIGN KEY (rates, rates_version) REFERENCES dataset_version (name, version),
    ADD CONSTRAINT job_rates_check CHECK ((rates IS NULL) = (rates_version IS NULL));

-- +goose Down
ALTER TABLE job
    DROP CONSTRAINT job_rates_check,
    DROP CONSTRAINT job_rates_fkey,
    DROP COLUMN rates,
    DROP COLUMN rates_version;
