-- Replace the content of a waiting message, which this transaction has locked. A
-- worker that lost its lease can no longer complete it.
UPDATE message
SET payload = $2, priority = $3, revision = revision + 1, settled = token
WHERE id = $1::text::uuid;
