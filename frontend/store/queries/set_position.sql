-- Set the position of the results feed.
UPDATE feed SET position = $1;
