-- clear_intentions drops what was still to be told of the job $1: it has ended.
DELETE FROM outbox WHERE job = $1;
