-- Lock messages, and read what decides their fate.
SELECT m.id::text, m.token, m.settled, m.attempts, m.revision, m.cancel_requested, m.leased_until IS NOT NULL, m.holder, m.key, m.leased_until
FROM message m
WHERE m.id = ANY ($1::text[]::uuid[])
ORDER BY m.id
FOR UPDATE;
