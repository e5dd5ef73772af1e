-- List the versions among $2 of the dataset $1 that jobs in flight use, for their values or
-- for their rates, with the number of these jobs.
SELECT version, count(*) FROM (
    SELECT dataset_version AS version FROM job
    WHERE state IN ('queued', 'running') AND dataset = $1::text AND dataset_version = ANY ($2::integer[])
    UNION ALL
    SELECT rates_version FROM job
    WHERE state IN ('queued', 'running') AND rates = $1 AND rates_version = ANY ($2)
) AS used
GROUP BY version
ORDER BY version;
