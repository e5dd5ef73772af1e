-- Claim the most urgent waiting messages for a worker.
-- $1 names of queues, null for every queue; an unknown name claims nothing;
-- $2 maximum number of messages; $3 maximum bytes of payload, which one message
-- may exceed; $4 the worker; $5 seconds of the lease; $6 maximum attempts;
-- $7 the account that the worker belongs to; $8 the worker's name of this request, or '';
-- $9 the dealing that the lines are from; $10 whether its steps are kept out;
-- $11 to $14 the lines: queues, owners, priorities, and a seq before which nothing waits;
-- $15 the seq after which there may be more of them; $16 how many messages to look for these in;
-- $17 the owner whose turn was the last, and $18 the queue; $19 and $20 queues, and the owner
-- whose turn was the last in each.
--
-- A line is what waits of one owner at one priority in one queue and was never leased. New
-- messages come at its end, so each claim says where the lines begin now, and the next one
-- begins there: it does not pass what is gone in the index. What was leased before, or
-- changed, comes back anywhere: it has an index of its own. A dealing moves messages from
-- line to line: then, or when too much is new, nothing is claimed and the lines must be found.
--
-- Owners take turns: the next message is one of the owner with the fewest leased, those
-- that this claim takes included, for its weight, not counting that message; of those who are equal, the next after $17
-- in a circle by name: a worker that takes one message at a time would otherwise find all of
-- them without leases, and the earliest upload or the highest priority would always come
-- first. Among an owner's messages the most urgent comes first: by priority, then in upload
-- order.
--
-- Where the queues that may be claimed from have different weights, queues take turns, too: the
-- next message is one of the queue with the fewest leased for its weight, counted likewise, and of
-- those who are equal, one of the next after $18 in a circle by id. In a queue its owners take turns; what this
-- claim takes from other queues does not count there. Queues of the same weight take no turns: the
-- messages of all of them are taken as if they were one queue, in the order of the uploads.
-- Of a queue with a maximum only so many messages are looked at as it may still have leased, the
-- first ones by the turns of owners in it. What other claims have leased is counted, too, but only when it
-- is needed: by owner where there are several, or one has a maximum, and by queue where weights
-- differ, or one has a maximum.
--
-- Where neither is so, the store runs a shorter form of this statement, which begins sooner: without what is after
-- "by queue", and with what is after "else" in its place. That one claims nothing where it is so.
--
-- The messages are read twice. The first read, front, takes no locks: only the
-- front of all queues together shows how many messages of each line fit into
-- the bytes and come before a suspect, and PostgreSQL cannot lock rows under
-- window functions. Locking the whole front would hide it from other claims. The
-- second read, taken, locks each line's part, and skips those that
-- others have claimed in the meantime in favour of the next ones. Locked rows stay where they are, so leased goes to them
-- directly. One that another transaction had changed and released since this statement began is not seen there, and waits for the next claim.
--
-- A removed queue has messages until they have been dealt out: until then they belong to
-- no queue that could be named. They keep the weight and the maximum of that queue, and its weight
-- alone makes no queues take turns.
--
-- A suspect is a message on its last attempt that lost a lease before: it may be
-- what kills its workers. It is leased alone, and only to a worker that holds
-- nothing else, so that no other message is lost with it.
--
-- A request whose answer was lost is repeated: the worker holds its messages already and
-- does not know it. It gets them once more, under the same tokens and for a whole lease.
--
-- The arrays of recent are for the planner: it would expect as many rows as there may be, and PostgreSQL prepares
-- for as many as it expects.
--
-- Returns rows of three kinds: one that says whether the lines are known, the last seq that was
-- seen, whether weights differ or a queue has a maximum, whether a message could have been leased, and in how many seconds the next back-off ends if none could; the lines that were looked at, with the seq of the first that waits, and of the last new one; and the leases.
WITH RECURSIVE every_queue AS MATERIALIZED (
    SELECT id, name, removed, paused, weight, max_leased FROM queue
),
/* by queue */ open_queue /* else eligible */ AS MATERIALIZED (
    SELECT id, removed, weight, max_leased FROM every_queue
    WHERE NOT removed AND NOT paused AND ($1::text[] IS NULL OR name = ANY ($1::text[]))
        AND NOT EXISTS (SELECT FROM unnest($1::text[]) AS n (name)
            WHERE n.name NOT IN (SELECT k.name FROM every_queue k WHERE NOT k.removed))
    UNION ALL
    SELECT id, removed, weight, max_leased FROM every_queue
    WHERE removed AND $1::text[] IS NULL AND EXISTS (SELECT FROM every_queue a WHERE NOT a.removed AND NOT a.paused)
),
ruled AS MATERIALIZED (
    SELECT weighted, weighted OR capped AS by_queue
    FROM (SELECT coalesce(min(weight) FILTER (WHERE NOT removed) < max(weight) FILTER (WHERE NOT removed), false) AS weighted,
            coalesce(max(max_leased) > 0, false) AS capped
        FROM /* by queue */ open_queue /* else eligible */) r
),
/* by queue */
leased_in AS MATERIALIZED (
    SELECT queue_id, count(*) AS n
    FROM message
    WHERE leased_until IS NOT NULL AND (SELECT by_queue FROM ruled)
    GROUP BY queue_id
),
eligible AS MATERIALIZED (
    SELECT q.id, q.weight, coalesce(l.n, 0) AS leased, CASE WHEN q.max_leased > 0 THEN q.max_leased - coalesce(l.n, 0) END AS room
    FROM open_queue q LEFT JOIN leased_in l ON l.queue_id = q.id
    WHERE q.max_leased = 0 OR coalesce(l.n, 0) < q.max_leased
),
/* else */
repeated AS (
    UPDATE message m SET leased_until = clock_timestamp() + make_interval(secs => $5)
    WHERE m.request = $8 AND m.request <> '' AND m.worker = $4 AND m.holder = $7
    RETURNING m.id, m.key, m.token, m.queue_id, m.attempts, m.revision, m.leased_until, m.request_id, m.traceparent, m.owner, m.payload, m.priority, m.seq
),
busy AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM message WHERE leased_until > now() AND worker = $4 AND holder = $7) AS busy
),
alone AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM message
        WHERE worker = $4 AND lost > 0 AND holder = $7 AND attempts + 1 >= $6 AND coalesce(leased_until, '-infinity') > now()) AS alone
),
recent AS MATERIALIZED (
    SELECT r.*
    FROM (SELECT array_agg(queue_id) AS queues, array_agg(owner) AS owners, array_agg(priority) AS priorities, array_agg(seq) AS seqs, array_agg(token = 0) AS waits
        FROM (SELECT queue_id, owner, priority, seq, token
            FROM message
            WHERE worker IS NULL AND seq > $15
            ORDER BY seq
            LIMIT $16) m) a
        CROSS JOIN LATERAL unnest(a.queues, a.owners, a.priorities, a.seqs, a.waits) AS r (queue_id, owner, priority, seq, waits)
),
state AS MATERIALIZED (
    SELECT began_at = $9 AND ($10 OR NOT under_way) AND (SELECT count(*) FROM recent) < $16 /* by queue */ /* else AND NOT (SELECT by_queue FROM ruled) */ AS known,
        (SELECT coalesce(max(seq), $15) FROM recent) AS top
    FROM dealing
),
asked AS (
    SELECT * FROM unnest($11::bigint[], $12::text[], $13::smallint[], $14::bigint[]) AS a (queue_id, owner, priority, seq)
    UNION ALL
    SELECT queue_id, owner, priority, seq FROM recent WHERE waits
),
line AS MATERIALIZED (
    SELECT queue_id, owner, priority, min(seq) AS seq, max(seq) FILTER (WHERE seq > $15) AS last, queue_id IN (SELECT id FROM eligible) AS open
    FROM asked CROSS JOIN state
    WHERE known
    GROUP BY queue_id, owner, priority
),
back AS (
    SELECT eligible.id AS queue_id, first.owner
    FROM eligible CROSS JOIN state CROSS JOIN LATERAL (
        SELECT m.owner
        FROM message m
        WHERE m.queue_id = eligible.id AND m.worker IS NULL AND m.token > 0
        ORDER BY m.owner
        LIMIT 1) first
    WHERE known
    UNION ALL
    SELECT back.queue_id, next.owner
    FROM back CROSS JOIN LATERAL (
        SELECT m.owner
        FROM message m
        WHERE m.queue_id = back.queue_id AND m.worker IS NULL AND m.token > 0 AND m.owner > back.owner
        ORDER BY m.owner
        LIMIT 1) next
),
/* by queue */
owner_in AS MATERIALIZED (
    SELECT queue_id, owner FROM line WHERE open UNION SELECT queue_id, owner FROM back
),
/* else */
owner AS MATERIALIZED (
    SELECT w.owner, coalesce(s.weight, 1) AS weight, coalesce(s.max_leased, 0) AS max_leased
    FROM (/* by queue */ SELECT DISTINCT owner FROM owner_in /* else SELECT owner FROM line WHERE open UNION SELECT owner FROM back */) w LEFT JOIN share s ON s.owner = w.owner
),
leased_of AS MATERIALIZED (
    SELECT owner, count(*) AS n
    FROM message
    WHERE leased_until IS NOT NULL AND (SELECT count(*) > 1 OR max(max_leased) > 0 FROM owner)
    GROUP BY owner
),
each_of AS MATERIALIZED (
    /* by queue */
    SELECT queue_id, least($2::bigint, 1 + 2 * $2::bigint / CASE WHEN (SELECT by_queue FROM ruled) THEN count(*) ELSE (SELECT count(*) FROM owner) END) AS owner
    FROM owner_in
    GROUP BY queue_id
    /* else SELECT least($2::bigint, 1 + 2 * $2::bigint / greatest(count(*), 1)) AS owner FROM owner */
),
waiting AS MATERIALIZED (
    SELECT f.*
    FROM line l CROSS JOIN LATERAL (
        SELECT m.queue_id, m.owner, m.priority, m.seq, l.seq AS begin, false AS suspect, octet_length(m.payload) AS size
        FROM message m
        WHERE m.queue_id = l.queue_id AND m.owner = l.owner AND m.priority = l.priority AND m.seq >= l.seq AND m.leased_until IS NULL AND m.token = 0
        ORDER BY m.seq
        LIMIT (SELECT e.owner FROM each_of e /* by queue */ WHERE e.queue_id = l.queue_id /* else */)
    ) f
    WHERE l.open
    UNION ALL
    SELECT f.*
    FROM back b CROSS JOIN LATERAL (
        SELECT m.queue_id, m.owner, m.priority, m.seq, NULL::bigint AS begin, m.lost > 0 AND m.attempts + 1 >= $6, octet_length(m.payload)
        FROM message m
        WHERE m.queue_id = b.queue_id AND m.owner = b.owner AND m.worker IS NULL AND m.token > 0 AND m.not_before <= now()
        ORDER BY m.priority DESC, m.seq
        LIMIT (SELECT e.owner FROM each_of e /* by queue */ WHERE e.queue_id = b.queue_id /* else */)
    ) f
),
/* by queue */
turned_in AS (
    SELECT w.*, owner.weight, owner.max_leased,
        coalesce(o.n, 0) + row_number() OVER (PARTITION BY w.queue_id, w.owner ORDER BY w.priority DESC, w.seq) AS nth
    FROM waiting w JOIN owner ON owner.owner = w.owner LEFT JOIN leased_of o ON o.owner = w.owner
    WHERE (SELECT by_queue FROM ruled)
),
front_in AS (
    SELECT t.*, row_number() OVER (PARTITION BY t.queue_id ORDER BY (t.nth - 1)::float8 / t.weight, coalesce(t.owner <= last.owner, false), t.owner, t.priority DESC, t.seq) AS place
    FROM turned_in t LEFT JOIN unnest($19::bigint[], $20::text[]) AS last (queue_id, owner) ON last.queue_id = t.queue_id
    WHERE t.max_leased = 0 OR t.nth <= t.max_leased
),
admitted AS (
    SELECT queue_id, owner, priority, seq, begin, suspect, size, 0::bigint AS rank FROM waiting WHERE NOT (SELECT by_queue FROM ruled)
    UNION ALL
    SELECT f.queue_id, f.owner, f.priority, f.seq, f.begin, f.suspect, f.size,
        CASE WHEN (SELECT weighted FROM ruled) THEN row_number() OVER (ORDER BY (e.leased + f.place - 1)::float8 / e.weight, e.id <= $18, e.id, f.place) ELSE 0 END
    FROM front_in f JOIN eligible e ON e.id = f.queue_id
    WHERE e.room IS NULL OR f.place <= e.room
),
/* else */
turned AS (
    SELECT w.*, owner.weight, owner.max_leased,
        coalesce(o.n, 0) + row_number() OVER (PARTITION BY w.owner ORDER BY /* by queue */ w.rank, /* else */ w.priority DESC, w.seq) AS nth
    FROM /* by queue */ admitted /* else waiting */ w JOIN owner ON owner.owner = w.owner LEFT JOIN leased_of o ON o.owner = w.owner
),
front AS (
    SELECT *, (nth - 1)::float8 / weight AS turn
    FROM turned
    WHERE max_leased = 0 OR nth <= max_leased
    ORDER BY /* by queue */ rank, /* else */ turn, owner <= $17, owner, priority DESC, seq
    LIMIT $2
),
measured AS (
    SELECT queue_id, owner, priority, begin, suspect, row_number() OVER urgency AS place, bool_or(suspect) OVER urgency AS behind_suspect,
        sum(size) OVER urgency - size AS bytes_before
    FROM front
    WINDOW urgency AS (ORDER BY /* by queue */ rank, /* else */ turn, owner <= $17, owner, priority DESC, seq)
),
part AS MATERIALIZED (
    SELECT queue_id, owner, CASE WHEN begin IS NOT NULL THEN priority END AS priority, begin, suspect, count(*) AS n
    FROM measured
    WHERE bytes_before < $3 AND NOT (SELECT alone FROM alone) AND NOT EXISTS (SELECT FROM repeated)
        AND CASE WHEN NOT behind_suspect THEN true WHEN place = 1 THEN NOT (SELECT busy FROM busy) ELSE false END
    GROUP BY 1, 2, 3, 4, 5
),
taken AS (
    SELECT t.ctid
    FROM part CROSS JOIN LATERAL (
        SELECT m.ctid
        FROM message m
        WHERE m.queue_id = part.queue_id AND m.owner = part.owner AND m.priority = part.priority AND m.seq >= part.begin
            AND m.leased_until IS NULL AND m.token = 0
        ORDER BY m.seq
        LIMIT part.n
        FOR UPDATE SKIP LOCKED
    ) t
    WHERE part.begin IS NOT NULL
),
taken_back AS (
    SELECT t.ctid
    FROM part CROSS JOIN LATERAL (
        SELECT m.ctid
        FROM message m
        WHERE m.queue_id = part.queue_id AND m.owner = part.owner AND m.worker IS NULL AND m.token > 0 AND m.not_before <= now()
            AND (m.lost > 0 AND m.attempts + 1 >= $6) = part.suspect
        ORDER BY m.priority DESC, m.seq
        LIMIT part.n
        FOR UPDATE SKIP LOCKED
    ) t
    WHERE part.begin IS NULL
),
leased AS (
    UPDATE message m
    SET token = m.token + 1, worker = $4, holder = $7, request = $8, leased_at = clock_timestamp(), leased_until = clock_timestamp() + make_interval(secs => $5), progress = 0
    WHERE m.ctid = ANY (ARRAY (SELECT ctid FROM taken UNION ALL SELECT ctid FROM taken_back))
    RETURNING m.id, m.key, m.token, m.queue_id, m.attempts, m.revision, m.leased_until, m.request_id, m.traceparent, m.owner, m.payload, m.priority, m.seq
)
SELECT 0 AS kind, NULL::text AS id, NULL::text, NULL::bigint, NULL::text, NULL::integer, NULL::integer, NULL::timestamptz, NULL::text, NULL::text, NULL::text, NULL::text,
    NULL::bigint AS queue_id, NULL::smallint AS priority, NULL::bigint AS first, top AS last, known, (SELECT by_queue FROM ruled) AS by_queue, EXISTS (SELECT FROM front) AS ready,
    (SELECT extract(epoch FROM m.not_before - now())::float8
        FROM message m
        WHERE NOT EXISTS (SELECT FROM front) AND m.leased_until IS NULL AND m.not_before > '-infinity' AND m.not_before > now()
            AND m.queue_id IN (SELECT id FROM eligible)
        ORDER BY m.not_before
        LIMIT 1) AS seconds
FROM state
UNION ALL
SELECT 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, l.owner, NULL, l.queue_id, l.priority,
    CASE WHEN l.open THEN w.first ELSE l.seq END, l.last, NULL, NULL, NULL, NULL
FROM line l LEFT JOIN (SELECT queue_id, owner, priority, min(seq) AS first FROM waiting WHERE begin IS NOT NULL GROUP BY queue_id, owner, priority) w
    ON w.queue_id = l.queue_id AND w.owner = l.owner AND w.priority = l.priority
UNION ALL
SELECT * FROM (
    SELECT 2, l.id::text, l.key, l.token, q.name, l.attempts + 1, l.revision, l.leased_until, l.request_id, l.traceparent, l.owner, l.payload,
        l.queue_id, l.priority, l.seq, NULL::bigint, NULL::boolean, NULL::boolean, NULL::boolean, NULL::float8
    FROM (SELECT * FROM repeated UNION ALL SELECT * FROM leased) l JOIN every_queue q ON q.id = l.queue_id
    ORDER BY l.priority DESC, l.seq) leases;
