-- End the session of the console with the digest $1.
DELETE FROM console_session WHERE id = $1;
