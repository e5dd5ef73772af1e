-- Say how many messages were dealt out by now.
UPDATE deal SET next = $1
