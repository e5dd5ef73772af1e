-- Replace the plan and the types of the webhook $1, and whether it is enabled. Enabling it begins its failures anew.
UPDATE webhook SET plan = $2, types = $3, enabled = $4, note = CASE WHEN $4 = enabled THEN note ELSE '' END,
    failures = CASE WHEN $4 AND NOT enabled THEN 0 ELSE failures END, failing_since = CASE WHEN $4 AND NOT enabled THEN NULL ELSE failing_since END
WHERE id = $1;
