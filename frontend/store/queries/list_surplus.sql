-- List the versions of datasets that have $1 newer ones or more, and that no job in flight
-- uses.
SELECT name, version FROM (
    SELECT name, version, row_number() OVER (PARTITION BY name ORDER BY version DESC) AS place
    FROM dataset_version WHERE removed_at IS NULL
) AS v
WHERE place > $1::integer
  AND NOT EXISTS (SELECT FROM job WHERE state IN ('queued', 'running')
      AND (dataset = v.name AND dataset_version = v.version OR rates = v.name AND rates_version = v.version))
ORDER BY name, version;
