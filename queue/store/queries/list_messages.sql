-- List the messages with the given keys or ids, in flight or ended.
-- $1 keys; $2 ids; $3 whether to read payloads.
SELECT m.id::text, m.key, q.name, CASE WHEN m.leased_until IS NULL THEN 'waiting' ELSE 'leased' END, '',
    m.revision, m.attempts, m.progress, m.leased_at, m.last_error, m.priority, m.cancel_requested, m.enqueued_at,
    CASE WHEN $3 THEN m.payload END
FROM message m JOIN queue q ON q.id = m.queue_id
WHERE m.key = ANY ($1::text[]) OR m.id = ANY ($2::text[]::uuid[])
UNION ALL
SELECT e.id::text, e.key, '', 'ended', e.outcome,
    e.revision, e.attempts, CASE WHEN e.outcome = 'completed' THEN 1 ELSE 0 END, e.leased_at, coalesce(e.error, ''),
    e.priority, false, e.enqueued_at, CASE WHEN $3 THEN e.payload END
FROM ended e
WHERE (e.key = ANY ($1::text[]) OR e.id = ANY ($2::text[]::uuid[])) AND NOT e.redriven;
