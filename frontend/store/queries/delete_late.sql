-- Delete the answer of run $2 of the job $1 that was put aside.
DELETE FROM late_answer WHERE job = $1 AND run = $2;
