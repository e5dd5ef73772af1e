-- List at most $3 batches after the cursor ($1, $2), the newest first, of the owner $4 unless
-- that is empty.
SELECT id, name, owner, created_at, size FROM batch
WHERE (created_at, id) < ($1::timestamptz, $2::uuid) AND ($4::text = '' OR owner = $4)
ORDER BY created_at DESC, id DESC
LIMIT $3;
