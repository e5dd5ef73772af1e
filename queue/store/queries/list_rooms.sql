-- List the queues in the order of their creation, with the limit and the share of each.
SELECT id, name, paused, max_length, weight, max_leased FROM queue WHERE NOT removed ORDER BY id;
