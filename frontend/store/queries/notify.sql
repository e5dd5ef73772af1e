-- Notify the listeners of this schema when the transaction commits.
SELECT pg_notify(current_schema(), '');
