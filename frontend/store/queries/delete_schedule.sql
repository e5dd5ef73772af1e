-- Delete the schedule $1.
DELETE FROM schedule WHERE id = $1;
