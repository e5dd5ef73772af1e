package store_test

import (
	"testing"
	"time"

	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
)

func TestAuditTrail(t *testing.T) {
	t.Parallel()
	audittest.Check(t, open(t, testPolicy()).pool)
}

// What the service does by itself has a name, too.
func TestLostLeasesAreRecorded(t *testing.T) {
	t.Parallel()
	policy := testPolicy()
	policy.MaxAttempts = 1
	f := open(t, policy)
	f.add(0, 1)
	if leases, err := f.Claim(t.Context(), nil, 1, "w", ""); err != nil || len(leases) != 1 {
		t.Fatalf("got %d leases, %v", len(leases), err)
	}
	f.exec("UPDATE message SET leased_until = now() - interval '1 second'")
	if _, err := f.Expire(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"lose-lease", "dead-letter"} {
		events := audittest.List(t, f.Trail, audit.Filter{Actor: "system", Action: action, Object: audit.Object{Kind: "message", ID: "0"}})
		if len(events) != 1 {
			t.Errorf("%s is recorded %d times", action, len(events))
		}
	}
}
