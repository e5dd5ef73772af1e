-- Lock the signing keys against changes by other transactions. This does not block
-- readers.
LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE;
