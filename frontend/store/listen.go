package store

import (
	"context"
	"log/slog"
	"strings"

	"foliocast/internal/postgres"
)

// eventTopic begins the payload of a notification that the log of events has grown. The name of the
// store that has added to it follows.
const eventTopic = "event "

// Listen calls wake after another process has added to the log of events, and each time that it has
// connected: then anything may have happened. What this store has added, its caller knows. It reconnects when the connection breaks, and returns
// when ctx ends.
func (s *Store) Listen(ctx context.Context, log *slog.Logger, wake func()) {
	postgres.Listener{Pool: s.pool, Log: log, Notify: func(payload string) {
		if payload == "" || strings.HasPrefix(payload, eventTopic) && payload != eventTopic+s.name {
			wake()
		}
	}}.Run(ctx)
}
