-- +goose Up
-- A lease belongs to the account that claimed it: no other may renew, end or inherit it.
-- The column names the holder of the last lease, as worker and token do, and is empty for
-- leases from before, which any account may end.
ALTER TABLE message ADD COLUMN holder text NOT NULL DEFAULT '';
ALTER TABLE ended ADD COLUMN holder text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE ended DROP COLUMN holder;
ALTER TABLE message DROP COLUMN holder;
