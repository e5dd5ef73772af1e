-- Get the address and the secrets of the webhook $1.
SELECT id, name, plan ->> 'url', secret, CASE WHEN old_until > statement_timestamp() THEN old_secret END FROM webhook WHERE id = $1;
