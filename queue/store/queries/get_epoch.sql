-- Get which feed this is, and up to where results were deleted from it.
SELECT id::text, forgotten FROM epoch;
