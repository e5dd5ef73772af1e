package store

import (
	"testing"

	"foliocast/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func open(t testing.TB) *Store {
	t.Helper()
	return New(pgtest.Open(t, Migrations()))
}

// TestEveryStatementIsPrepared lets the server read each statement: its names
// and types must fit the schema.
func TestEveryStatementIsPrepared(t *testing.T) {
	t.Parallel()
	s := open(t)
	conn, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for name, sql := range s.sql {
		if _, err := conn.Conn().Prepare(t.Context(), name, sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(s.sql) < 20 {
		t.Errorf("only %d statements", len(s.sql))
	}
}
