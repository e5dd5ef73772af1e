-- Set the newest version of dataset $1 to $2.
UPDATE dataset SET newest = $2 WHERE name = $1;
