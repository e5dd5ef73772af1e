-- Narrow the webhooks of the subject $1 to the types of events $2.
UPDATE webhook SET types = ARRAY (SELECT t FROM unnest(types) AS t WHERE t = ANY ($2)) WHERE subject = $1 AND NOT types <@ $2;
