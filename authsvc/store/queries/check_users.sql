-- Check whether there has ever been a user.
SELECT EXISTS (SELECT FROM users);
