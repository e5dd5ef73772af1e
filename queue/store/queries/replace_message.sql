-- Replace the content of a waiting message, which this transaction has locked. A
-- worker that lost its lease can no longer complete it. Its token becomes one that was
-- never given, if none was: claim_messages then looks for it apart from its line, which it may leave.
UPDATE message
SET payload = $2, priority = $3, revision = revision + 1, token = greatest(token, 1), settled = greatest(token, 1)
WHERE id = $1::text::uuid;
