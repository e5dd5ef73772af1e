-- Plan this transaction's further statements with indexes, once for all: the front of a
-- queue is read in the order of its index. The number of waiting messages changes
-- so fast that the planner's statistics are often wrong, and it would read and sort
-- all of them. A plan for the parameters of each call would take longer than the call.
SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('plan_cache_mode', 'force_generic_plan', true);
