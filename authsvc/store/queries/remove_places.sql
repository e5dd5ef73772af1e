-- Remove every place of a user.
DELETE FROM known_place
WHERE user_id = $1;
