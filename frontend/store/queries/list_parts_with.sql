-- List the parts of the answer of run $2 of the job $1 that may have the asset whose digest is $3, in order. A part of a program from
-- before has no digests: it is read through for the text $4, and counts without one.
SELECT index FROM result_part
WHERE job = $1 AND run = $2
    AND CASE WHEN names IS NULL THEN $4::bytea IS NULL OR position($4 IN body) > 0 ELSE position($3::bytea IN names) > 0 END
ORDER BY index;
