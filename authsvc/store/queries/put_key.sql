-- Put a signing key, or the state and the encryption of an existing one.
INSERT INTO signing_key (id, state, since, private_key, sealed_with)
VALUES ($1, $2, $3, $4, nullif($5, ''))
ON CONFLICT (id) DO UPDATE
SET state = excluded.state, since = excluded.since, private_key = excluded.private_key, sealed_with = excluded.sealed_with;
