-- Count the webhooks of the subject $1.
SELECT count(*) FROM webhook WHERE subject = $1;
