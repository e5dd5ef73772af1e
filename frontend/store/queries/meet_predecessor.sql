-- Meet the predecessor $1 of the jobs $2, which are locked: they wait for it no longer.
WITH met AS (
    DELETE FROM predecessor WHERE after = $1 AND job = ANY ($2::uuid[]) RETURNING job
)
UPDATE held SET waits = waits - 1 FROM met WHERE held.job = met.job;
