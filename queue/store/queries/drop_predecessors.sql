-- Drop the predecessors of the worker $2 of the account $1: their names begin with $3, and sort before its own.
DELETE FROM worker WHERE account = $1 AND starts_with(name, $3) AND name < $2;
