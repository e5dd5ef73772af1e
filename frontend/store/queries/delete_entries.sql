-- Delete entries of the outbox that the queue has answered. The commit does not wait for the disk: an entry that
-- comes back after a power loss is sent again, and the queue knows its key.
DELETE FROM outbox USING (SELECT set_config('synchronous_commit', 'off', true)) AS lazily WHERE id = ANY ($1);
