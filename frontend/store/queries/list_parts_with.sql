-- List the parts of the answer of run $2 of the job $1 that have the text $3, in order. It
-- reads them all, but sends none of them.
SELECT index FROM result_part WHERE job = $1 AND run = $2 AND position($3::bytea IN body) > 0 ORDER BY index;
