-- Get in how many seconds the next run is to be released; null without one.
SELECT extract(epoch FROM min(not_before) - clock_timestamp())::double precision FROM held WHERE waits = 0;
