-- Add places where a user has just logged in.
INSERT INTO known_place (user_id, place)
SELECT $1, unnest($2::text[])
ON CONFLICT (user_id, place) DO UPDATE
SET used_at = now();
