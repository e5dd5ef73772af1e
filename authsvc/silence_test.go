package authsvc

import (
	"log/slog"
	"testing"
	"time"

	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/postgres/pgtest"
)

// The database accepts and does not answer: the rotation of the keys and the purge of old
// sessions, whose context has no deadline, fail and can be tried again.
func TestTendingOutlivesASilentDatabase(t *testing.T) {
	t.Parallel()
	gate, behind, _ := pgtest.OpenGated(t, store.Migrations())
	s := store.New(behind)
	ring := token.NewRing(s.Keys, nil)
	policy := token.DefaultPolicy()
	for what, do := range map[string]func() error{
		"key rotation": func() error { return keepKeys(t.Context(), s, ring, policy, slog.New(slog.DiscardHandler)) },
		"purge":        func() error { _, err := s.PurgeSessions(t.Context()); return err },
	} {
		gate.Freeze()
		failed := make(chan error, 1)
		go func() { failed <- do() }()
		select {
		case err := <-failed:
			if err == nil {
				t.Errorf("%s succeeded without a database", what)
			}
		case <-time.After(time.Minute): // a bound on hangs
			t.Fatalf("%s hangs", what)
		}
		gate.Thaw()
		if err := do(); err != nil {
			t.Errorf("%s afterwards: %v", what, err)
		}
	}
}
