// Package contract tests what every message service must do. The real service and
// the fakes in the tests of other services run the same cases.
package contract

import (
	"errors"
	"testing"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// longest bounds every wait, so that a case that hangs fails.
const longest = 30 * time.Second

// must ends the test on an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantKind checks that an error is a problem of a kind.
func wantKind(t *testing.T, err error, kind problem.Kind) {
	t.Helper()
	if p, ok := errors.AsType[*problem.Problem](err); !ok || p.Kind() != kind {
		t.Errorf("got %v, want a problem of kind %s", err, kind)
	}
}

// held names the lease of l.
func held(l message.Lease) message.Held { return message.Held{ID: l.ID, Token: l.Token} }

// wantVerdicts checks the verdicts on several leases, which come in the order of
// the call.
func wantVerdicts(t *testing.T, got []message.HeldVerdict, asked []message.Held, want ...message.Verdict) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %d verdicts, want %d", len(got), len(want))
		return
	}
	for i, v := range got {
		if v.Held != asked[i] || v.Verdict != want[i] {
			t.Errorf("verdict %d: got %q on %v, want %q on %v", i, v.Verdict, v.Held, want[i], asked[i])
		}
	}
}
