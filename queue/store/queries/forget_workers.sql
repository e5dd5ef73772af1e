-- Forget the workers that have not reported for $1 seconds. After the clock went back, a report may be from the future.
DELETE FROM worker WHERE abs(extract(epoch FROM clock_timestamp() - seen_at)) > $1;
