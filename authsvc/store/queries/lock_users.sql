-- Lock the users, so that one transaction at a time decides whether to add the
-- first administrator.
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
