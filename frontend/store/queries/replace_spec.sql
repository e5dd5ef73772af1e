-- Replace the specification of the job $1, which becomes version $2. The
-- column $8 is that of the dataset's version unless it is a further one; $10 and $11 are
-- the request and its sender.
UPDATE job SET version = $2, spec = $3, dataset = $4, dataset_version = $5,
    rates = $6, rates_version = $7, brief = $9, request_id = $10, requested_by = $11,
    dataset_column = (SELECT column_name FROM dataset_column WHERE name = $4 AND version = $5 AND column_name = $8)
WHERE id = $1;
