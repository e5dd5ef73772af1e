-- Purge the sessions of the console that were not used for $1 seconds, or began more than $2
-- seconds ago: there are few.
DELETE FROM console_session
WHERE used_at <= clock_timestamp() - $1::double precision * interval '1 second'
   OR created_at <= clock_timestamp() - $2::double precision * interval '1 second';
