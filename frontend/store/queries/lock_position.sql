-- Lock the position of the results feed until the transaction ends, and read it.
SELECT epoch, position FROM feed FOR UPDATE;
