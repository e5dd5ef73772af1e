-- Lock the signing keys against changes by other transactions. Readers go on.
LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE;
