-- settle_intentions deletes intentions that the queue has answered.
DELETE FROM outbox WHERE id = ANY ($1);
