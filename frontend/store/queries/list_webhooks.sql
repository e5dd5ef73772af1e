-- List at most $3 webhooks of the subject $1 whose names come after $2, or the one whose name is $4 unless that is empty.
SELECT id, name, owner, subject, plan, types, enabled, note, created_at, CASE WHEN old_until > statement_timestamp() THEN old_until END, position,
    (SELECT count(*) FROM (SELECT FROM webhook_delivery WHERE webhook = id AND state = 'waiting' LIMIT 10000) AS few),
    (SELECT count(*) FROM (SELECT FROM webhook_delivery WHERE webhook = id AND state = 'dead' LIMIT 10000) AS few),
    failures, last_success_at, last_failure_at, last_status, last_error
FROM webhook
WHERE subject = $1 AND name > $2 AND ($4::text = '' OR name = $4)
ORDER BY name
LIMIT $3;
