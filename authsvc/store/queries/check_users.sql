-- Check whether there ever was a user.
SELECT EXISTS (SELECT FROM users);
