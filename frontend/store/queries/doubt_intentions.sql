-- doubt_intentions lets intentions be taken again at once, as ones that the
-- queue may know.
UPDATE outbox SET taken_at = '-infinity' WHERE id = ANY ($1);
