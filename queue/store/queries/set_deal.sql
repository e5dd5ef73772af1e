-- Set how many messages were dealt so far. This transaction has locked the deal.
UPDATE deal SET next = $1, uploads = uploads + 1 WHERE uploads >= (SELECT uploads FROM deal ORDER BY uploads DESC LIMIT 1);
