-- Find the session of the console with the digest $1, unless it was not used for $2 seconds, or began more
-- than $3 seconds ago.
SELECT sealed, generation FROM console_session
WHERE id = $1 AND used_at > clock_timestamp() - $2::double precision * interval '1 second'
  AND created_at > clock_timestamp() - $3::double precision * interval '1 second';
