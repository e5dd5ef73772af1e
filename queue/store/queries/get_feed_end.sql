-- Get the last position of the feed.
SELECT last FROM feed ORDER BY last DESC LIMIT 1;
