-- Add an event to the trail.
INSERT INTO audit (actor, name, client, token, session, on_behalf_of, action, object_kind, object_id, before, after,
    source, request_id, outcome, reason, times)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);
