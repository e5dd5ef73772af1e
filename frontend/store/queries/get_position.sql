-- Get how far the results feed is applied.
SELECT position FROM feed;
