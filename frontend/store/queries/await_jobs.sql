-- Await the jobs $1: mark those as awaited that have not ended.
UPDATE job SET awaited = true WHERE id = ANY ($1::uuid[]) AND NOT awaited AND ended_at IS NULL;
