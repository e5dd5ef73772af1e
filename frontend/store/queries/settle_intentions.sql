-- Settle intentions: delete those that the queue has answered.
DELETE FROM outbox WHERE id = ANY ($1);
