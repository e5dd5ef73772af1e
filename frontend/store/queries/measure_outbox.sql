-- Measure the outbox: how many entries it has, up to $1, and the first of them; 0 when it is empty.
SELECT count(*), coalesce(min(id), 0)
FROM (SELECT id FROM outbox ORDER BY id LIMIT $1) o;
