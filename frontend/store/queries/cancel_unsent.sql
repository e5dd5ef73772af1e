-- Cancel the job $1, whose message was never sent, if its state is one of $2.
UPDATE job SET state = 'cancelled', ended_at = clock_timestamp(), cancelling = false WHERE id = $1 AND state = ANY ($2);
