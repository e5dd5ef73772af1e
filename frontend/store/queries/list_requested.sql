-- List the versions of datasets that requests in the flat form of series made more than $1
-- seconds ago, as their audits say, and that no job in flight uses.
SELECT name, version FROM dataset_version v
WHERE removed_at IS NULL AND created_at < clock_timestamp() - $1::double precision * interval '1 second'
  AND audit ->> 'form' = 'flat'
  AND NOT EXISTS (SELECT FROM job WHERE state IN ('queued', 'running') AND dataset = v.name AND dataset_version = v.version)
ORDER BY name, version;
