-- Replace what the job $1 asks for; that makes it version $2.
UPDATE job SET version = $2, spec = $3, dataset = $4, dataset_version = $5 WHERE id = $1;
