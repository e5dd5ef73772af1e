-- List events, the latest first: those of the actor $1, with the action $2, on the object
-- of the kind $3 and the id $4, with the outcome $5, where these are not empty, from $6 to
-- before $7, before the position $8.
SELECT position, at, actor, name, client, token, session, on_behalf_of, action, object_kind, object_id, before, after,
    source, request_id, outcome, reason, times
FROM audit
WHERE ($1 = '' OR actor = $1 OR name = $1)
    AND ($2 = '' OR action = $2)
    AND ($3 = '' OR object_kind = $3)
    AND ($4 = '' OR object_id = $4)
    AND ($5 = '' OR outcome = $5)
    AND ($6::timestamptz IS NULL OR at >= $6)
    AND ($7::timestamptz IS NULL OR at < $7)
    AND ($8 = 0::bigint OR position < $8)
ORDER BY position DESC
LIMIT $9;
