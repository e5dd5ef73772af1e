-- Begin to deal about $1 waiting messages out again, from the first on. $2 whether the
-- first step may be the last.
UPDATE dealing SET under_way = true, queues = '{}', passed = 0, dealt = 0, planned = $1, last = $2, began_at = clock_timestamp();
