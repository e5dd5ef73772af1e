-- Number at most $1 events whose transactions have committed: move them to the end of the log, which is
-- locked, and tell the readers by the payload $2. Returns how many. The statement must begin after the log is locked, to
-- see all that was numbered before.
WITH moved AS (
    DELETE FROM pending_event WHERE seq IN (SELECT seq FROM pending_event ORDER BY seq LIMIT $1)
    RETURNING seq, at, type, owner, job, run, batch, dataset, version, schedule, progress, error
), numbered AS (
    INSERT INTO event (position, at, type, owner, job, run, batch, dataset, version, schedule, progress, error)
    SELECT (SELECT last FROM event_log) + row_number() OVER (ORDER BY seq), at, type, owner, job, run, batch, dataset, version, schedule, progress, error
    FROM moved
), counted AS (
    SELECT count(*) AS n FROM moved
), turn AS (
    UPDATE event_log SET last = last + n FROM counted WHERE n > 0
)
SELECT n, CASE WHEN n > 0 THEN pg_notify(current_schema(), $2)::text END FROM counted;
