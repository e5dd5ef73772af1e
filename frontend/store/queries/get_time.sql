-- Get the time of the database.
SELECT clock_timestamp();
