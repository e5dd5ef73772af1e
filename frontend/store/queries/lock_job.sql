-- Lock the job $1 until the transaction ends, and read its state, run and version.
SELECT state, run, version FROM job WHERE id = $1 FOR UPDATE;
