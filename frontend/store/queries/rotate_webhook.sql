-- Rotate the secret of the webhook $1: it is $2, beside which the present one signs for $3 seconds more.
UPDATE webhook SET secret = $2, old_secret = CASE WHEN $3::bigint > 0 THEN secret END, old_until = CASE WHEN $3 > 0 THEN clock_timestamp() + $3 * interval '1 second' END
WHERE id = $1;
