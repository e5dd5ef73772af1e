-- Find those of the places $2 where the user with a name has logged in, and whether the
-- attempts from unknown places have used up the time $3.
SELECT array(
        SELECT p.place
        FROM known_place AS p
        JOIN users AS u ON u.id = p.user_id
        WHERE u.name = $1 AND u.removed_at IS NULL AND p.place = ANY ($2)) AS known,
    EXISTS (
        SELECT
        FROM login_limit
        WHERE account = $1 AND place = '' AND full_at > now() + $3::interval) AS attacked;
