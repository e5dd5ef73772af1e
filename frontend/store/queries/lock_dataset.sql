-- Lock the dataset $1, which is created when it is new, until the transaction
-- ends: versions are added one after the other.
INSERT INTO dataset (name) VALUES ($1)
ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name
RETURNING newest;
