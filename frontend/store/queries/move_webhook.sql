-- Move the webhook $1 on: it has deliveries of all events up to the position $2.
UPDATE webhook SET position = $2 WHERE id = $1;
