-- Insert a batch of $5 jobs, unless the subject $4 has used the idempotency key $6 before:
-- then no row is returned.
INSERT INTO batch (id, name, owner, subject, size, idempotency, request) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (subject, idempotency) WHERE idempotency IS NOT NULL DO NOTHING
RETURNING created_at;
