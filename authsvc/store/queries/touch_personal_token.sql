-- Touch a token: it is used now. Of several at once, one writes.
UPDATE personal_token
SET last_used_at = now()
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= now() - $2::interval);
