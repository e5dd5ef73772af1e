-- Update the report of the worker $2 of the account $1 to $3.
UPDATE worker SET seen_at = clock_timestamp(), report = $3 WHERE account = $1 AND name = $2;
