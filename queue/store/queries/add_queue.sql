-- Add a queue, unless there is one of this name.
INSERT INTO queue (name, max_length) VALUES ($1, $2)
ON CONFLICT (name) WHERE NOT removed DO NOTHING;
