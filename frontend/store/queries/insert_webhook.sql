-- Insert a webhook for events from now on, unless its subject $4 has one named $2: then no row is returned.
INSERT INTO webhook (id, name, owner, subject, plan, types, secret, position)
SELECT $1, $2, $3, $4, $5, $6, $7, last FROM event_log
ON CONFLICT (subject, name) DO NOTHING
RETURNING id;
