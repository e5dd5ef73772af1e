-- Get the last position in the log of events, and that up to which events were deleted.
SELECT last, forgotten FROM event_log;
