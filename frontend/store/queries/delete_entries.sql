-- Delete entries of the outbox that the queue has answered.
DELETE FROM outbox WHERE id = ANY ($1);
