-- Check that a service account exists and has not changed since a token for it was
-- issued. The comparison is to the second, like the time in the token.
SELECT EXISTS (
    SELECT
    FROM service_account
    WHERE name = $1 AND date_trunc('second', changed_at) <= $2);
