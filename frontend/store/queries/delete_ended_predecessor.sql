-- Delete the note that the job $1 has ended.
DELETE FROM ended_predecessor WHERE job = $1;
