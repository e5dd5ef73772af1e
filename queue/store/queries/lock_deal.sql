-- Lock the deal, and read how many messages were dealt since all were last dealt
-- out. Every transaction that adds messages or changes the queues does this.
SELECT next FROM deal ORDER BY uploads DESC LIMIT 1 FOR UPDATE;
