-- Get how far the results feed has been applied.
SELECT position FROM feed;
