-- Lock the reader $2 of the account $1 until the transaction ends, and read the last
-- position that it was given.
SELECT sent FROM reader WHERE account = $1 AND name = $2 FOR UPDATE;
