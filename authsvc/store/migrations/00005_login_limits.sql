-- +goose Up

-- Where users have logged in: a network, or a device that was given a secret then. A
-- stranger's wrong passwords do not count there.
CREATE TABLE known_place (
    user_id uuid        NOT NULL REFERENCES users,
    place   text        NOT NULL,
    used_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, place)
);
-- Serves purge_places.
CREATE INDEX known_place_used_at_idx ON known_place (used_at);

-- Attempts to log in, by account and place; the place '' stands for all unknown ones
-- together. full_at is when all attempts are allowed again. Not logged: nothing is
-- lost that a crash must not lose.
CREATE UNLOGGED TABLE login_limit (
    account text        NOT NULL,
    place   text        NOT NULL,
    full_at timestamptz NOT NULL,
    PRIMARY KEY (account, place)
);
-- Serves purge_attempts.
CREATE INDEX login_limit_full_at_idx ON login_limit (full_at);

-- +goose Down
DROP TABLE login_limit, known_place;
