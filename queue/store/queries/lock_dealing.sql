-- Lock the dealing. Every transaction that changes the queues does this first, and waits
-- for the step under way.
SELECT FROM dealing FOR UPDATE;
