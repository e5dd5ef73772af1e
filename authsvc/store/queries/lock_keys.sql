-- Lets one transaction at a time change the signing keys. Readers go on.
LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE
