-- Remove a signing key.
DELETE FROM signing_key
WHERE id = $1;
