-- put_back_intentions gives back intentions that the queue surely does not know.
UPDATE outbox SET taken_at = NULL WHERE id = ANY ($1);
