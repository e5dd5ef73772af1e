-- Renew leases, which this transaction has locked.
UPDATE message m
SET leased_until = now() + make_interval(secs => $3), progress = greatest(m.progress, a.progress)
FROM unnest($1::text[]::uuid[], $2::float8[]) AS a (id, progress)
WHERE m.id = ANY ($1::text[]::uuid[]) AND m.id = a.id
RETURNING m.id::text, m.leased_until;
