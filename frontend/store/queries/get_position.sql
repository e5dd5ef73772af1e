-- Get how far the results feed has been applied, and in which epoch.
SELECT epoch, position FROM feed;
