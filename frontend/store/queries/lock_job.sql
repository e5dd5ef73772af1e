-- Lock the job $1 until the transaction ends, and read its state and the size
-- of its specification.
SELECT state, run, version, cancelling, octet_length(spec::text) FROM job WHERE id = $1 FOR UPDATE;
