-- Lock the job $1 until the transaction ends, and read where it stands and how many
-- bytes its specification has.
SELECT state, run, version, cancelling, octet_length(spec::text) FROM job WHERE id = $1 FOR UPDATE;
