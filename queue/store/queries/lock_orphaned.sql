-- Lock messages that are leased to the predecessors of a worker under its own
-- account, and read what decides their fate. Those whose next attempt would be the
-- last are left out, unless their producer cancelled them.
-- $1 prefix of the predecessors' names; $2 the worker; $3 maximum attempts; $4
-- maximum number of messages; $5 the account.
SELECT m.id::text, m.token, m.settled, m.attempts, m.revision, m.cancel_requested, true, m.holder, m.key, m.worker
FROM message m
WHERE m.leased_until IS NOT NULL AND m.holder = $5 AND starts_with(m.worker, $1) AND m.worker COLLATE "C" < $2 COLLATE "C"
    AND (m.attempts + 2 < $3 OR m.cancel_requested)
ORDER BY m.id
LIMIT $4
FOR UPDATE;
