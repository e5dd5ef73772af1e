-- Renew leases, which this transaction has locked, from now on: it may have waited for
-- the locks, so that the time at which it began says nothing.
UPDATE message m
SET leased_until = clock_timestamp() + make_interval(secs => $3), progress = greatest(m.progress, a.progress)
FROM unnest($1::text[]::uuid[], $2::float8[]) AS a (id, progress)
WHERE m.id = ANY ($1::text[]::uuid[]) AND m.id = a.id
RETURNING m.id::text, m.leased_until;
