-- Plan this transaction's further statements in the order of indexes: the front of a
-- queue is read in the order of its index. The number of waiting messages changes
-- so fast that the planner's statistics are often wrong, and it would read and sort
-- all of them.
SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true);
