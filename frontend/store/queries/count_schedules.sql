-- Count the schedules of the subject $1.
SELECT count(*) FROM schedule WHERE subject = $1;
