-- Set the epoch and the position of the results feed.
UPDATE feed SET epoch = $1, position = $2;
