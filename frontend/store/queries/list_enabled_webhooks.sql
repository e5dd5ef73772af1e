-- List the webhooks of the subject $1 that are enabled.
SELECT id, name FROM webhook WHERE subject = $1 AND enabled;
