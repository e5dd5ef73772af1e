-- lock_dataset makes the dataset $1 if it is new, and holds it until the
-- transaction ends: versions are added one after the other.
INSERT INTO dataset (name) VALUES ($1)
ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name
RETURNING newest;
