-- drop_replacement forgets a replacement that did not come about.
DELETE FROM replacement WHERE job = $1 AND run = $2 AND revision = $3;
