-- Set the share of the owner $1: its weight $2, and its maximum of leased messages $3, 0 for none.
-- Returns the share from before, the usual one if there was no other.
WITH old AS (
    SELECT weight, max_leased FROM share WHERE owner = $1
)
INSERT INTO share (owner, weight, max_leased) VALUES ($1, $2, $3)
ON CONFLICT (owner) DO UPDATE SET weight = excluded.weight, max_leased = excluded.max_leased
RETURNING coalesce((SELECT weight FROM old), 1), coalesce((SELECT max_leased FROM old), 0);
