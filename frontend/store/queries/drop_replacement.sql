-- Drop a replacement that the queue refused.
DELETE FROM replacement WHERE job = $1 AND run = $2 AND revision = $3;
