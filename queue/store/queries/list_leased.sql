-- List at most $2 messages that were leased $1 seconds ago or earlier, without their payloads, the longest leased first.
SELECT m.id::text, m.key, q.name, 'leased', '', m.revision, m.attempts, m.progress, m.leased_at, m.last_error, m.priority, m.cancel_requested, m.enqueued_at,
    NULL::text
FROM message m JOIN queue q ON q.id = m.queue_id
WHERE m.leased_until IS NOT NULL AND m.leased_at <= clock_timestamp() - make_interval(secs => $1)
ORDER BY m.leased_at, m.id
LIMIT $2;
