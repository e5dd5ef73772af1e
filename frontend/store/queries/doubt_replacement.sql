-- doubt_replacement leaves it to whoever comes next to find out whether a
-- replacement came about.
UPDATE replacement SET begun_at = '-infinity' WHERE job = $1 AND run = $2 AND revision = $3;
