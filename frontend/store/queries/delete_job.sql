-- Delete the job $1, with its result, if it has ended.
DELETE FROM job WHERE id = $1 AND ended_at IS NOT NULL;
