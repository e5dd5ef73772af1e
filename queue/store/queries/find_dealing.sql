-- Find the dealing that is under way, if any: how many messages it has dealt, how many
-- were waiting when it began, and when that was.
SELECT dealt, planned, began_at FROM dealing WHERE under_way;
