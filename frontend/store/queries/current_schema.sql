-- current_schema names the schema that the connection works in.
SELECT current_schema()::text;
