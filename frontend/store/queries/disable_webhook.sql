-- Disable the webhook $1 with a note, $2.
UPDATE webhook SET enabled = false, note = $2 WHERE id = $1 AND enabled;
