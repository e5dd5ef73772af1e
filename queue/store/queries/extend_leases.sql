-- Extend every lease, however long it still lasts: to $1 seconds from now.
UPDATE message m SET leased_until = clock_timestamp() + make_interval(secs => $1)
WHERE m.id IN (SELECT id FROM message WHERE leased_until IS NOT NULL ORDER BY id FOR UPDATE);
