-- Cancel the job $1, which the queue never knew.
UPDATE job SET state = 'cancelled', ended_at = clock_timestamp(), cancelling = false WHERE id = $1;
