-- Purge the payloads of the dead letters at the positions $1. Their outcome stays in the
-- feed, and their keys stay known. Rows are locked by position, as by redrive_messages.
WITH chosen AS MATERIALIZED (
    SELECT position
    FROM ended
    WHERE position = ANY ($1::bigint[]) AND outcome = 'dead' AND payload IS NOT NULL
    ORDER BY position
    FOR UPDATE
)
UPDATE ended SET payload = NULL WHERE position = ANY (ARRAY (SELECT position FROM chosen));
