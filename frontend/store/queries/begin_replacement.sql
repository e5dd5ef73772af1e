-- Begin the replacement of the job $1, unless somebody else is changing it.
INSERT INTO replacement (job, run, revision, spec, dataset, dataset_version)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (job) DO NOTHING;
