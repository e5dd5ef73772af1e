-- lock_position is get_position, and holds it until the transaction ends.
SELECT position FROM feed FOR UPDATE;
