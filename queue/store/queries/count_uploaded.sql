-- Count the waiting messages in each queue that were uploaded after those up to the seq $1.
SELECT queue_id, count(*) FROM message WHERE seq > $1 AND seq > 0 AND leased_until IS NULL GROUP BY queue_id;
