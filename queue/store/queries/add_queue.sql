-- Add a queue, unless one of this name exists.
INSERT INTO queue (name, max_length) VALUES ($1, $2)
ON CONFLICT (name) WHERE NOT removed DO NOTHING;
