-- +goose Up

-- The audit trail, package internal/audit: append-only.
CREATE TABLE audit (
    position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT now(),
    actor        text        NOT NULL, -- subject: a user's id, a service account's name, system, operator; '' unknown
    name         text        NOT NULL,
    client       text        NOT NULL,
    token        text        NOT NULL, -- id of the token
    session      text        NOT NULL,
    on_behalf_of text        NOT NULL,
    action       text        NOT NULL CONSTRAINT audit_action_check CHECK (action <> ''),
    object_kind  text        NOT NULL,
    object_id    text        NOT NULL,
    before       text, -- JSON, kept byte for byte
    after        text, -- JSON, kept byte for byte
    source       text        NOT NULL,
    request_id   text        NOT NULL,
    outcome      text        NOT NULL CONSTRAINT audit_outcome_check CHECK (outcome IN ('done', 'refused')),
    reason       text        NOT NULL,
    times        integer     NOT NULL CONSTRAINT audit_times_check CHECK (times > 0)
);
-- Each serves list_events with one filter, and the last one forget_events, too.
CREATE INDEX audit_actor_idx ON audit (actor, position);
CREATE INDEX audit_name_idx ON audit (name, position);
CREATE INDEX audit_object_idx ON audit (object_kind, object_id, position);
CREATE INDEX audit_at_idx ON audit (at);

-- +goose StatementBegin
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '30 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_rows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION keep_audit();
CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();

-- +goose Down
DROP TABLE audit;
DROP FUNCTION keep_audit;
