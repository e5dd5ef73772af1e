-- List the queues in the order of their creation, with the limit of each.
SELECT id, name, paused, max_length FROM queue WHERE NOT removed ORDER BY id;
