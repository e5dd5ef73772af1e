-- Trim the places of a user to the $2 that were used last.
DELETE FROM known_place
WHERE user_id = $1 AND place IN (
    SELECT place
    FROM known_place
    WHERE user_id = $1
    ORDER BY used_at DESC
    OFFSET $2);
