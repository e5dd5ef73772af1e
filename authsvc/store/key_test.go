package store

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"foliocast/authsvc/token"
	"foliocast/internal/postgres"
)

func rotate(t testing.TB, s *Store, p token.Policy) bool {
	t.Helper()
	changed, err := s.RotateKeys(t.Context(), p)
	if err != nil {
		t.Error(err)
	}
	return changed
}

func count(t testing.TB, s *Store) map[token.State]int {
	t.Helper()
	keys, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := map[token.State]int{}
	for _, k := range keys {
		n[k.State]++
	}
	return n
}

// Several instances start at once, and later all find at once that a key is due. One
// rotates, and the others find that done.
func TestInstancesRotateKeysTogether(t *testing.T) {
	t.Parallel()
	s := open(t)
	other := New(s.pool)
	policy := token.Policy{Age: time.Hour, Ahead: time.Minute, Overlap: time.Hour}
	for round := range 3 {
		var changes atomic.Int32
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				if rotate(t, []*Store{s, other}[i%2], policy) {
					changes.Add(1)
				}
			})
		}
		all.Wait()
		n := count(t, s)
		if changes.Load() != 1 || n[token.Current] != 1 || n[token.Next] != 1 || n[token.Previous] != min(round, 1) {
			t.Errorf("round %d: %d changes, %v", round, changes.Load(), n)
		}
		age(t, s, "since", "signing_key", 2*time.Hour)
	}
}

func TestStoreSurvivesItsConnections(t *testing.T) {
	t.Parallel()
	s := open(t)
	rotate(t, s, token.DefaultPolicy())
	kill := `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND application_name = current_setting('application_name')`
	for range 3 {
		if _, err := s.pool.Exec(t.Context(), kill); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(time.Minute)
		for {
			_, err := s.Keys(t.Context())
			if err == nil {
				break
			}
			if !postgres.Unavailable(err) {
				t.Fatalf("got %v, want that the server cannot be reached", err)
			}
			if time.Now().After(deadline) {
				t.Fatal("the store does not reconnect")
			}
		}
	}
}
