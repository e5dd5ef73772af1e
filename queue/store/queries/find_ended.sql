-- Find how messages ended: the last token of each, whether its holder ended it,
-- and the outcome.
SELECT id::text, token, by_holder, outcome
FROM ended
WHERE id = ANY ($1::text[]::uuid[]) AND NOT redriven;
