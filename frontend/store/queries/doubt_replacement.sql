-- Doubt a replacement: the next process that looks at it finds out whether the
-- queue made it.
UPDATE replacement SET begun_at = '-infinity' WHERE job = $1 AND run = $2 AND revision = $3;
