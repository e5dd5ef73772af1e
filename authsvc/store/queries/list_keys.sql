-- List the signing keys, the one longest in its state first.
SELECT id, state, since, private_key, coalesce(sealed_with, '')
FROM signing_key
ORDER BY since, id;
