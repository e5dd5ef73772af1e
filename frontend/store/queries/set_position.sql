-- set_position moves the place in the results feed.
UPDATE feed SET position = $1;
