-- Take one attempt on an account at a place, which uses up the time $3, unless more than
-- the time $4 is used up.
INSERT INTO login_limit (account, place, full_at)
VALUES ($1, $2, now() + $3::interval)
ON CONFLICT (account, place) DO UPDATE
SET full_at = greatest(login_limit.full_at, now()) + $3::interval
WHERE login_limit.full_at <= now() + $4::interval;
