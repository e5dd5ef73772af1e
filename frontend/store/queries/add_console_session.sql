-- Add a session of the console with the digest $1 and the sealed tokens $2.
INSERT INTO console_session (id, sealed) VALUES ($1, $2);
