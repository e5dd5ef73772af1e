-- List what the runs took that ended from day $1 on and before day $2, for at most $4 owners after the subject $3.
SELECT subject, (array_agg(owner ORDER BY day DESC))[1], sum(runs)::bigint, sum(core_seconds)
FROM usage
WHERE day >= $1 AND day < $2 AND subject > $3
GROUP BY subject
ORDER BY subject
LIMIT $4;
