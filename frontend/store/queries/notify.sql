-- notify wakes who waits on the channel $1, when the transaction commits.
SELECT pg_notify($1, '');
