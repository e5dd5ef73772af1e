-- Take the dealing for one step, unless another transaction has it, and let a crash of the
-- server undo the step instead of waiting for the disk.
SELECT under_way, queues, passed, dealt, last
FROM dealing CROSS JOIN set_config('synchronous_commit', 'off', true)
FOR UPDATE OF dealing SKIP LOCKED;
