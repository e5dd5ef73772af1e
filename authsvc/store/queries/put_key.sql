-- Put a signing key, or the state of an existing one.
INSERT INTO signing_key (id, state, since, private_key)
VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE
SET state = excluded.state, since = excluded.since;
