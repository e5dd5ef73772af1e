-- Begin another epoch than $1, in which no reader has read anything, unless that was done.
WITH begun AS (
    UPDATE epoch SET id = gen_random_uuid() WHERE id = $1::text::uuid RETURNING one
)
DELETE FROM reader WHERE EXISTS (SELECT FROM begun);
