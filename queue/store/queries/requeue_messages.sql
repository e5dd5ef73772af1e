-- Requeue leased messages, which this transaction has locked: they wait again.
-- One whose queue is removed is dealt to another.
-- $1 ids; $2 attempts so far; $3 whether the lease was lost; $4 whether its
-- holder settled it; $5 seconds of back-off; $6 errors, null to keep the last; $7 how many
-- leases are remembered.
WITH asked AS (
    SELECT *
    FROM unnest($1::text[]::uuid[], $2::integer[], $3::boolean[], $4::boolean[], $5::float8[], $6::text[])
        AS a (id, attempts, lost, settled, back_off, error)
),
active AS (
    SELECT array_agg(id ORDER BY id) AS ids
    FROM queue
    WHERE NOT removed AND (NOT paused OR NOT EXISTS (SELECT FROM queue o WHERE NOT o.removed AND NOT o.paused))
),
back AS (
    UPDATE message m
    SET leased_until = NULL, worker = NULL, progress = 0,
        attempts = a.attempts,
        lost = m.lost + a.lost::integer,
        settled = CASE WHEN a.settled THEN m.token ELSE m.settled END,
        not_before = CASE WHEN a.back_off > 0 THEN clock_timestamp() + make_interval(secs => a.back_off) ELSE '-infinity' END,
        last_error = coalesce(a.error, m.last_error),
        past = CASE WHEN jsonb_array_length(m.past) >= $7 THEN m.past - 0 ELSE m.past END || jsonb_build_object('token', m.token,
            'worker', m.worker, 'leased_at', m.leased_at, 'ended_at', clock_timestamp(), 'lost', a.lost, 'error', coalesce(a.error, '')),
        queue_id = CASE WHEN q.removed THEN active.ids[1 + m.seq % cardinality(active.ids)] ELSE m.queue_id END
    FROM asked a CROSS JOIN active CROSS JOIN queue q
    WHERE m.id = ANY ($1::text[]::uuid[]) AND m.id = a.id AND q.id = m.queue_id
    RETURNING q.id AS source, m.queue_id AS target
)
INSERT INTO depth_change (queue_id, messages)
SELECT source, -1 FROM back WHERE source <> target
UNION ALL
SELECT target, 1 FROM back WHERE source <> target;
