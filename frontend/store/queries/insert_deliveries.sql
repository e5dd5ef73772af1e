-- Insert deliveries for the webhook $1: positions $2, ids $3, types $4, times $5 and bodies $6. What it has stays.
INSERT INTO webhook_delivery (webhook, position, message, type, at, body)
SELECT $1, position, message, type, at, body FROM unnest($2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) AS n (position, message, type, at, body)
ON CONFLICT (webhook, position) DO NOTHING;
