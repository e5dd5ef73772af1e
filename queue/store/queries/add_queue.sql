-- Add a queue, unless one of this name exists: $2 its limit, $3 its weight, $4 its maximum of leased messages.
INSERT INTO queue (name, max_length, weight, max_leased) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) WHERE NOT removed DO NOTHING;
