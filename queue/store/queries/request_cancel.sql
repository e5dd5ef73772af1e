-- Request that the worker of a leased message stops.
UPDATE message SET cancel_requested = true WHERE id = $1::text::uuid AND leased_until IS NOT NULL;
