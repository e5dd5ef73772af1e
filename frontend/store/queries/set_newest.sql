-- set_newest makes version $2 the newest of dataset $1.
UPDATE dataset SET newest = $2 WHERE name = $1;
