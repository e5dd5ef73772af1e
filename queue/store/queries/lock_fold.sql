-- Lock the fold of depth_change until the transaction ends, unless another process has locked
-- it, and say whether all messages were counted more than $1 seconds ago.
SELECT counted_at < now() - make_interval(secs => $1) FROM fold FOR UPDATE SKIP LOCKED;
