-- Lock the dataset $1 until the transaction ends, and create it if it is new. The
-- lock lets concurrent uploads add their versions one after the other.
INSERT INTO dataset (name) VALUES ($1)
ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name
RETURNING newest;
