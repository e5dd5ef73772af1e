-- Limit how long this transaction waits for a lock: what comes after it waits as long.
SELECT set_config('lock_timeout', '50ms', true);
