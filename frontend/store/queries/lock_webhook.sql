-- Lock the webhook named $2 of the subject $1 until the transaction ends.
SELECT id, plan, enabled FROM webhook WHERE subject = $1 AND name = $2 FOR UPDATE;
