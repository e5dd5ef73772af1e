-- Insert a schedule, unless its name $2 is taken: then no row is returned.
INSERT INTO schedule (id, name, owner, subject, plan, next_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO NOTHING
RETURNING created_at;
