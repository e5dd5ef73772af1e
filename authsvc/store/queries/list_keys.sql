-- List the signing keys, oldest state first.
SELECT id, state, since, private_key
FROM signing_key
ORDER BY since, id;
