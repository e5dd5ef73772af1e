-- Take the answer with the fewest parts, at most $2, of those that were put aside, unless a
-- process has taken it, or said that it still fetches it, in the last $1 seconds.
UPDATE late_answer SET taken_at = clock_timestamp()
WHERE (job, run) = (
    SELECT job, run FROM late_answer
    WHERE parts <= $2 AND (taken_at IS NULL OR taken_at < clock_timestamp() - $1::double precision * interval '1 second')
    ORDER BY parts, job LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING job, run, result, taken_at;
