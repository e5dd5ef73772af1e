-- Move the dealing over the queues $1 on: the messages up to the seq $2 have been dealt,
-- $3 of them; $4 whether the next step may be the last; $5 whether there is a next step.
UPDATE dealing SET queues = $1, passed = $2, dealt = $3, last = $4, under_way = $5;
