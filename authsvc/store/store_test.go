package store

import (
	"testing"

	"foliocast/internal/audit/audittest"
	"foliocast/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func open(t testing.TB) *Store {
	t.Helper()
	return New(pgtest.Open(t, Migrations()))
}

func TestStoreIsBuiltLikeTheOthers(t *testing.T) {
	t.Parallel()
	pgtest.CheckStore(t, open(t).pool)
}

func TestAuditTrail(t *testing.T) {
	t.Parallel()
	audittest.Check(t, open(t).pool)
}
