-- Find the batch that the subject $1 created under the idempotency key $2.
SELECT id, request FROM batch WHERE subject = $1 AND idempotency = $2;
