-- Drop the worker $2 of the account $1.
DELETE FROM worker WHERE account = $1 AND name = $2;
