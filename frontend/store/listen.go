package store

import (
	"context"
	"log/slog"

	"foliocast/internal/postgres"
)

// eventTopic is the payload of a notification that the log of events has grown.
const eventTopic = "event"

// Listen calls wake after any process has added to the log of events, and each time that it has
// connected: then anything may have happened. It reconnects when the connection breaks, and returns
// when ctx ends.
func (s *Store) Listen(ctx context.Context, log *slog.Logger, wake func()) {
	postgres.Listener{Pool: s.pool, Log: log, Notify: func(payload string) {
		if payload == "" || payload == eventTopic { // others are of another version of this program
			wake()
		}
	}}.Run(ctx)
}
