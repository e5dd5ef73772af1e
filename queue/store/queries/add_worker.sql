-- Add the worker $2 of the account $1, which began $4 seconds ago, with its report $3, unless the account has $5 others.
INSERT INTO worker (account, name, since, seen_at, report)
SELECT $1::text, $2::text, clock_timestamp() - make_interval(secs => $4), clock_timestamp(), $3
WHERE (SELECT count(*) FROM worker WHERE account = $1::text) < $5
ON CONFLICT (account, name) DO UPDATE SET seen_at = excluded.seen_at, report = excluded.report;
