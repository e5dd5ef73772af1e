-- Get the replacement of the job $1, and whether it began more than $2 seconds ago.
SELECT r.run, r.revision, r.spec, v.name, v.version, v.sha256, v.bytes,
       r.begun_at < clock_timestamp() - make_interval(secs => $2)
FROM replacement r
JOIN dataset_version v ON v.name = r.dataset AND v.version = r.dataset_version
WHERE r.job = $1;
