-- Notify the long polls on a topic when this transaction commits.
SELECT pg_notify(current_schema(), $1);
