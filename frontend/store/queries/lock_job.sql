-- lock_job reads where the job $1 stands and holds it until the transaction ends.
SELECT state, run, version FROM job WHERE id = $1 FOR UPDATE;
