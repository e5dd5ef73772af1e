-- Share the jobs $1 with others that only read them: their states, which are read,
-- stay as they are until the transaction ends.
SELECT id, state FROM job WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE;
