-- Get a part of a message in flight, of the latest lease that sent one with this index.
SELECT body FROM part WHERE message_id = $1::text::uuid AND index = $2 ORDER BY token DESC LIMIT 1;
