-- Claim at most $1 deliveries that are due for $2 seconds: at most $3 of each webhook that is among $4, or not among them, as $5
-- says, and that is not among $6. Others skip what one process is claiming.
WITH due AS MATERIALIZED (
    SELECT d.webhook, d.position, w.name, w.plan ->> 'url' AS url, w.secret, CASE WHEN w.old_until > statement_timestamp() THEN w.old_secret END AS old_secret
    FROM webhook AS w CROSS JOIN LATERAL (
        SELECT webhook, position, next_at FROM webhook_delivery
        WHERE webhook = w.id AND state = 'waiting' AND next_at <= statement_timestamp() AND type = ANY (w.types)
        ORDER BY next_at
        LIMIT $3
        FOR UPDATE SKIP LOCKED) AS d
    WHERE w.enabled AND (w.id = ANY ($4::uuid[])) = $5 AND w.id <> ALL ($6::uuid[])
    ORDER BY d.next_at
    LIMIT $1
)
UPDATE webhook_delivery AS d SET attempts = d.attempts + 1, next_at = clock_timestamp() + $2::double precision * interval '1 second'
FROM due
WHERE d.webhook = due.webhook AND d.position = due.position
RETURNING d.webhook, due.name, due.url, due.secret, due.old_secret, d.position, d.message, d.body, d.attempts;
