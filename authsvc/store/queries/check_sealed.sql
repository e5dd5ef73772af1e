-- Check whether any signing key is encrypted.
SELECT EXISTS (
    SELECT
    FROM signing_key
    WHERE sealed_with IS NOT NULL);
