-- Lock messages whose lease has expired after the time $3 and up to the time $2, and read what decides their fate.
SELECT m.id::text, m.token, m.settled, m.attempts, m.revision, m.cancel_requested, true, m.holder, m.key, m.worker
FROM message m
WHERE m.leased_until > $3 AND m.leased_until <= $2
ORDER BY m.leased_until
LIMIT $1
FOR UPDATE SKIP LOCKED;
