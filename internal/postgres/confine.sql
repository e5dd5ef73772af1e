-- Confine makes the role of a service, or gives it a new password: it owns one schema
-- with all that is in it, and may do nothing else. The settings foliocast.role,
-- foliocast.schema and foliocast.password say which.
DO $$
DECLARE
    owner text := current_setting('foliocast.role');
    space text := current_setting('foliocast.schema');
    thing record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner) THEN
        EXECUTE format('CREATE ROLE %I', owner);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L',
        owner, current_setting('foliocast.password'));
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), owner);
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;

    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', space);
    EXECUTE format('ALTER SCHEMA %I OWNER TO %I', space, owner);
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', space);
    -- What an earlier version made as the superuser. A sequence of a column follows its
    -- table, and so does a table's row type.
    FOR thing IN
        SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, owner) AS change
        FROM pg_class c
        WHERE c.relnamespace = quote_ident(space)::regnamespace AND c.relowner <> quote_ident(owner)::regrole
          AND (c.relkind IN ('r', 'p', 'v', 'm', 'f')
            OR c.relkind = 'S' AND NOT EXISTS (
                SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                    AND d.refclassid = 'pg_class'::regclass))
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, owner)
        FROM pg_proc p
        WHERE p.pronamespace = quote_ident(space)::regnamespace AND p.proowner <> quote_ident(owner)::regrole
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO %I', t.oid::regtype, owner)
        FROM pg_type t
        LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typnamespace = quote_ident(space)::regnamespace AND t.typowner <> quote_ident(owner)::regrole
          AND (t.typtype IN ('d', 'e', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
    LOOP
        EXECUTE thing.change;
    END LOOP;
END $$;
