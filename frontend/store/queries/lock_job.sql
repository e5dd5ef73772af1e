-- Lock the job $1 until the transaction ends, and read its state, and of its
-- specification the size and what is brief.
SELECT state, run, version, cancelling, octet_length(spec::text), brief FROM job WHERE id = $1 FOR UPDATE;
