-- Get how long it takes until no more than the time $3 is used up.
SELECT full_at - now() - $3::interval
FROM login_limit
WHERE account = $1 AND place = $2;
