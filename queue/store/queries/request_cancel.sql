-- Have the worker that holds a message told to stop.
UPDATE message SET cancel_requested = true WHERE id = $1::text::uuid AND leased_until IS NOT NULL
