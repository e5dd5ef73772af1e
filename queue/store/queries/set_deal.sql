-- Set how many messages were dealt so far.
UPDATE deal SET next = $1;
