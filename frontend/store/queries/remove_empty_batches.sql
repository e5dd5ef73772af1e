-- Remove the batches none of whose jobs is on record any more.
DELETE FROM batch WHERE NOT EXISTS (SELECT FROM job WHERE job.batch = batch.id);
