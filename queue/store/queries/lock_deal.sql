-- Take the lock of whoever adds messages or changes the queues, and say how
-- many messages were dealt out since the last dealing of all.
SELECT next FROM deal FOR UPDATE
