-- +goose Up
-- Who is told of events by HTTP.
CREATE TABLE webhook (
    id              uuid        NOT NULL,
    name            text        NOT NULL,
    owner           text        NOT NULL,
    subject         text        NOT NULL,
    plan            json        NOT NULL, -- its address and filter
    types           text[]      NOT NULL, -- of events that the filter chooses and the owner may see
    secret          text        NOT NULL, -- signs messages, so it cannot be a digest
    old_secret      text,                 -- signs them, too, until old_until
    old_until       timestamptz,
    enabled         boolean     NOT NULL DEFAULT true,
    note            text        NOT NULL DEFAULT '', -- why the service has disabled it
    position        bigint      NOT NULL, -- of the event up to which it has deliveries
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    failures        integer     NOT NULL DEFAULT 0, -- since the last success
    failing_since   timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_status     integer,
    last_error      text        NOT NULL DEFAULT '',
    CONSTRAINT webhook_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_subject_name_key UNIQUE (subject, name), -- for list_webhooks
    CONSTRAINT webhook_failures_check CHECK ((failures = 0) = (failing_since IS NULL)),
    CONSTRAINT webhook_old_secret_check CHECK ((old_secret IS NULL) = (old_until IS NULL))
);

-- An event for a webhook. An attempt begins with next_at moved behind its end: when the process dies,
-- another one repeats it then.
CREATE TABLE webhook_delivery (
    webhook     uuid        NOT NULL,
    position    bigint      NOT NULL, -- of the event
    message     text        NOT NULL, -- its id for the receiver
    type        text        NOT NULL,
    at          timestamptz NOT NULL, -- when the event happened
    body        text        NOT NULL, -- the same bytes in each attempt
    state       text        NOT NULL DEFAULT 'waiting',
    attempts    integer     NOT NULL DEFAULT 0, -- begun
    next_at     timestamptz DEFAULT clock_timestamp(),
    last_at     timestamptz,
    last_status integer,
    last_error  text        NOT NULL DEFAULT '',
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (webhook, position), -- for list_deliveries
    CONSTRAINT webhook_delivery_webhook_fkey FOREIGN KEY (webhook) REFERENCES webhook (id) ON DELETE CASCADE,
    CONSTRAINT webhook_delivery_state_check CHECK (state IN ('waiting', 'delivered', 'dead')),
    CONSTRAINT webhook_delivery_next_at_check CHECK ((state = 'waiting') = (next_at IS NOT NULL))
);
-- For claim_deliveries and take_webhook.
CREATE INDEX webhook_delivery_webhook_next_at_idx ON webhook_delivery (webhook, next_at) WHERE state = 'waiting';
-- For list_webhooks and redeliver.
CREATE INDEX webhook_delivery_webhook_state_position_idx ON webhook_delivery (webhook, state, position);
-- For forget_deliveries.
CREATE INDEX webhook_delivery_at_idx ON webhook_delivery (at);

-- +goose Down
DROP TABLE webhook_delivery;
DROP TABLE webhook;
