-- The last position given in the feed.
SELECT last FROM feed
