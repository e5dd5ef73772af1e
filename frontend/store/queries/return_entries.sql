-- Return the entries $1 to the outbox, except those that were taken again since $2.
-- $3 says that the queue may have received them; maybe_sent is never reset.
UPDATE outbox SET taken_at = NULL, maybe_sent = maybe_sent OR $3 WHERE id = ANY ($1) AND taken_at = $2;
