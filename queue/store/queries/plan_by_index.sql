-- For the rest of this transaction, read the front of a queue in the order of
-- its index. The number of waiting messages swings so much that the planner's
-- statistics are often wrong, and it would read and sort them all.
SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)
