-- Delete the webhook $1 with its deliveries.
DELETE FROM webhook WHERE id = $1;
