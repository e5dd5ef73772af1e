-- Return an attempt that does not count, which had used up the time $3.
UPDATE login_limit
SET full_at = full_at - $3::interval
WHERE account = $1 AND place = $2;
