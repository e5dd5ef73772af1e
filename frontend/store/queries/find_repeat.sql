-- Find the job that the subject $1 created under the idempotency key $2.
SELECT id, request FROM job WHERE subject = $1 AND idempotency = $2;
