-- Get the last position of the feed.
SELECT last FROM feed;
