-- Plan this transaction's further statements in the order of indexes: the front of a
-- queue is read in the order of its index. The number of waiting messages changes
-- so fast that the planner's statistics are often wrong, and it would read and sort
-- all of them. Nor does it know how many rows come from arrays and limits, and would
-- lay out hash tables for millions: that took 2 ms of each claim.
SELECT set_config('enable_sort', 'off', true), set_config('enable_hashagg', 'off', true), set_config('enable_bitmapscan', 'off', true);
