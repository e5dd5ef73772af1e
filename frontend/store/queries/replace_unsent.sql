-- Replace the specification of the job $1, which the queue does not know yet: its
-- message begins with this version.
UPDATE job
SET spec = $2, dataset = $3, dataset_version = $4, version = version + 1, base = base + 1
WHERE id = $1;
