package store

import (
	"strings"
	"testing"

	"foliocast/internal/audit/audittest"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func open(t *testing.T) *Store {
	t.Helper()
	return New(pgtest.Open(t, Migrations()))
}

func TestStoreIsBuiltLikeTheOthers(t *testing.T) {
	t.Parallel()
	pgtest.CheckStore(t, open(t).pool)
}

// prices adds a dataset with one version.
func prices(t *testing.T, s *Store) Version {
	t.Helper()
	v, _, err := s.AddVersion(t.Context(), Version{
		Dataset: job.Dataset{Name: "prices", SHA256: strings.Repeat("ab", 32), Bytes: 100},
		Owner:   "mia", Audit: []byte(`{"rows":3}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAuditTrail(t *testing.T) {
	t.Parallel()
	audittest.Check(t, open(t).pool)
}
