-- Return the entries $1 to the outbox, those that nobody has taken again since $2.
-- $3 says that the queue may have received them; an entry that it may have received
-- once stays such an entry.
UPDATE outbox SET taken_at = NULL, maybe_sent = maybe_sent OR $3 WHERE id = ANY ($1) AND taken_at = $2;
