-- Count the waiting messages in each queue that were uploaded after those up to the seq $1.
SELECT queue_id, count(*) FROM message WHERE worker IS NULL AND seq > $1 GROUP BY queue_id;
