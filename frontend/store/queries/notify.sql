-- Notify the listeners of this schema when the transaction commits, once for each payload.
SELECT pg_notify(current_schema(), n.payload) FROM unnest($1::text[]) AS n (payload);
