-- Find how messages ended: the last token of each, whether its holder ended it,
-- the outcome, and the account of the holder.
SELECT id::text, token, by_holder, outcome, holder
FROM ended
WHERE id = ANY ($1::text[]::uuid[]) AND redriven IS FALSE;
