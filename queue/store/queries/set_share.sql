-- Set the share of the owner $1: its weight $2, and its maximum of leased messages $3, 0 for none.
INSERT INTO share (owner, weight, max_leased) VALUES ($1, $2, $3)
ON CONFLICT (owner) DO UPDATE SET weight = excluded.weight, max_leased = excluded.max_leased;
