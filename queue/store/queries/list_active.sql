-- List the queues that are not removed, in the order of their creation, and whether
-- messages are dealt to each: paused ones are left out, unless all are paused.
SELECT id, NOT paused OR bool_and(paused) OVER () FROM queue WHERE NOT removed ORDER BY id;
