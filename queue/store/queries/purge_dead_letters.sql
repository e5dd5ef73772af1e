-- Purge the payloads of dead letters. Their outcome stays in the feed, and their
-- keys stay known.
-- $1 ids, or null for all.
UPDATE ended SET payload = NULL
WHERE outcome = 'dead' AND payload IS NOT NULL AND ($1::text[] IS NULL OR id = ANY ($1::text[]::uuid[]));
