-- Adopt what revision $3 of the message of run $2 asks for, when the job $1
-- does not have it yet.
WITH done AS (
    DELETE FROM replacement WHERE job = $1 AND run = $2 AND revision <= $3
)
UPDATE job
SET spec = $4, dataset = $5, dataset_version = $6, version = base + $3
WHERE id = $1 AND run = $2 AND version < base + $3;
