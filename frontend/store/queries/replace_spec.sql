-- Replace the specification of the job $1, which becomes version $2.
UPDATE job SET version = $2, spec = $3, dataset = $4, dataset_version = $5,
    rates = $6, rates_version = $7
WHERE id = $1;
