-- Remove every signing key.
DELETE FROM signing_key;
