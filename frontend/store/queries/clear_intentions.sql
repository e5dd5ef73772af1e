-- Clear the intentions of the job $1, which has ended.
DELETE FROM outbox WHERE job = $1;
