-- Claim the most urgent waiting messages for a worker.
-- $1 names of queues, null for every queue; an unknown name claims nothing;
-- $2 maximum number of messages; $3 maximum bytes of payload, which one message
-- may exceed; $4 the worker; $5 seconds of the lease; $6 maximum attempts;
-- $7 the account that the worker belongs to; $8 the worker's name of this request, or '';
-- $9 the owner after whom to look for others.
--
-- Owners take turns: the next message is one of the owner with the fewest leased, those
-- that this claim takes included, for its weight; of those who are equal, the next after $9
-- in a circle by name: a worker that takes one message at a time would otherwise find all of
-- them without leases, and the earliest upload or the highest priority would always come
-- first. Among an owner's messages the most urgent comes first: by priority, then in upload
-- order. The owners in a queue are found by skipping from one to the next in the index, 1000
-- at most, from $9 on.
--
-- The messages are read twice. The first read, front, takes no locks: only the
-- front of all queues together shows how many messages of each queue fit into
-- the bytes and come before a suspect, and PostgreSQL cannot lock rows under
-- window functions. Locking the whole front would hide it from other claims. The
-- second read, taken, locks each owner's part, and skips those that
-- others have claimed in the meantime in favour of the next ones.
--
-- A removed queue has messages until they have been dealt out: until then they belong to
-- no queue that could be named.
--
-- A suspect is a message on its last attempt that lost a lease before: it may be
-- what kills its workers. It is leased alone, and only to a worker that holds
-- nothing else, so that no other message is lost with it.
--
-- A request whose answer was lost is repeated: the worker holds its messages already and
-- does not know it. It gets them once more, under the same tokens and for a whole lease.
WITH RECURSIVE eligible AS (
    SELECT id FROM queue
    WHERE NOT removed AND NOT paused AND ($1::text[] IS NULL OR name = ANY ($1::text[]))
        AND NOT EXISTS (SELECT FROM unnest($1::text[]) AS n (name)
            WHERE n.name NOT IN (SELECT k.name FROM queue k WHERE NOT k.removed))
    UNION ALL
    SELECT id FROM queue
    WHERE removed AND $1::text[] IS NULL AND EXISTS (SELECT FROM queue a WHERE NOT a.removed AND NOT a.paused)
),
held AS MATERIALIZED (
    SELECT id, leased_until > now() AS alive, lost > 0 AND attempts + 1 >= $6 AS suspect, request
    FROM message
    WHERE leased_until IS NOT NULL AND worker = $4 AND holder = $7
),
repeated AS (
    UPDATE message m SET leased_until = clock_timestamp() + make_interval(secs => $5)
    WHERE m.id = ANY (ARRAY (SELECT id FROM held WHERE request = $8 AND $8 <> ''))
        AND m.leased_until IS NOT NULL AND m.worker = $4 AND m.holder = $7 AND m.request = $8
    RETURNING m.*
),
worker AS MATERIALIZED (
    SELECT count(*) > 0 AS busy, coalesce(bool_or(suspect), false) AS alone FROM held WHERE alive
),
line AS (
    SELECT id AS queue_id, $9::text AS owner, false AS around, 0 AS place
    FROM eligible
    UNION ALL
    SELECT line.queue_id, next.owner, next.around, line.place + 1
    FROM line CROSS JOIN LATERAL (
        (SELECT m.owner, line.around
            FROM message m
            WHERE m.queue_id = line.queue_id AND m.leased_until IS NULL AND m.owner > line.owner
            ORDER BY m.owner
            LIMIT 1)
        UNION ALL
        (SELECT m.owner, true
            FROM message m
            WHERE NOT line.around AND m.queue_id = line.queue_id AND m.leased_until IS NULL AND m.owner <= $9
            ORDER BY m.owner
            LIMIT 1)
        LIMIT 1
    ) next
    WHERE line.place < 1000 AND NOT (next.around AND next.owner > $9)
),
lines AS MATERIALIZED (
    SELECT line.queue_id, line.owner, coalesce(s.weight, 1) AS weight, coalesce(s.max_leased, 0) AS max_leased
    FROM line LEFT JOIN share s ON s.owner = line.owner
    WHERE line.place > 0
),
leased_of AS MATERIALIZED (
    SELECT owner, count(*) AS n
    FROM message
    WHERE leased_until IS NOT NULL AND (SELECT min(owner) < max(owner) OR max(max_leased) > 0 FROM lines)
    GROUP BY owner
),
waiting AS (
    SELECT f.*, l.weight, l.max_leased, coalesce(o.n, 0)
        + row_number() OVER (PARTITION BY f.owner ORDER BY f.priority DESC, f.seq) AS nth
    FROM lines l LEFT JOIN leased_of o ON o.owner = l.owner CROSS JOIN LATERAL (
        SELECT m.queue_id, m.owner, m.priority, m.seq, m.lost > 0 AND m.attempts + 1 >= $6 AS suspect, octet_length(m.payload) AS size
        FROM message m
        WHERE m.queue_id = l.queue_id AND m.owner = l.owner AND m.leased_until IS NULL AND m.not_before <= now()
        ORDER BY m.priority DESC, m.seq
        LIMIT least($2::bigint, 1 + 2 * $2::bigint / (SELECT count(DISTINCT owner) FROM lines))
    ) f
),
front AS (
    SELECT *, nth::float8 / weight AS turn
    FROM waiting
    WHERE max_leased = 0 OR nth <= max_leased
    ORDER BY turn, owner <= $9, owner, priority DESC, seq
    LIMIT $2
),
measured AS (
    SELECT queue_id, owner, suspect, row_number() OVER urgency AS place, bool_or(suspect) OVER urgency AS behind_suspect,
        sum(size) OVER urgency - size AS bytes_before
    FROM front
    WINDOW urgency AS (ORDER BY turn, owner <= $9, owner, priority DESC, seq)
),
part AS (
    SELECT queue_id, owner, suspect, count(*) AS n
    FROM measured CROSS JOIN worker
    WHERE bytes_before < $3 AND NOT alone AND NOT EXISTS (SELECT FROM repeated)
        AND CASE WHEN place = 1 THEN NOT (suspect AND busy) ELSE NOT behind_suspect END
    GROUP BY queue_id, owner, suspect
),
taken AS (
    SELECT t.id
    FROM part CROSS JOIN LATERAL (
        SELECT m.id
        FROM message m
        WHERE m.queue_id = part.queue_id AND m.owner = part.owner AND m.leased_until IS NULL AND m.not_before <= now()
            AND (m.lost > 0 AND m.attempts + 1 >= $6) = part.suspect
        ORDER BY m.priority DESC, m.seq
        LIMIT part.n
        FOR UPDATE SKIP LOCKED
    ) t
),
leased AS (
    UPDATE message m
    SET token = m.token + 1, worker = $4, holder = $7, request = $8, leased_at = clock_timestamp(), leased_until = clock_timestamp() + make_interval(secs => $5), progress = 0
    WHERE m.id = ANY (ARRAY (SELECT id FROM taken))
    RETURNING m.*
)
SELECT l.id::text, l.key, l.token, q.name, l.attempts + 1, l.revision, l.leased_until, l.request_id, l.owner, l.payload
FROM (SELECT * FROM repeated UNION ALL SELECT * FROM leased) l JOIN queue q ON q.id = l.queue_id
ORDER BY l.priority DESC, l.seq;
