-- Lock the deal, as every transaction does that adds messages or changes the
-- queues, and read how many messages were dealt since the last dealing of all.
SELECT next FROM deal FOR UPDATE;
