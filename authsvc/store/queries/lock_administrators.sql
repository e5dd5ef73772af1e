-- The living administrators, held until the end of the transaction, so that no
-- two of them can go at once.
SELECT name
FROM users
WHERE 'administrator' = ANY (roles) AND removed_at IS NULL
ORDER BY id
FOR UPDATE
