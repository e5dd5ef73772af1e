-- Lock the log of events until the transaction ends: what comes next in it is numbered by one process at a time.
SELECT last FROM event_log FOR UPDATE;
