-- Lets one transaction at a time decide whether the first administrator must be made.
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE
