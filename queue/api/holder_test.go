package api_test

import (
	"encoding/json"
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

// Another account with the same right and the right token is told that it is stale.
func TestLeaseIsTheAccountsOwn(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("a")
	l := s.lease()
	other := client.New(s.url, nil, auth.Static(s.issuer.Service("another", auth.QueueLease)))
	v, err := other.Complete(t.Context(), []message.Completion{{Held: held(l), Result: json.RawMessage(`1`)}})
	if err != nil || v[0].Verdict != message.Stale {
		t.Errorf("another account: got %+v, %v", v, err)
	}
	if v, err := other.PutPart(t.Context(), message.Part{Held: held(l), Body: []byte("x")}); err != nil || v.Verdict != message.Stale {
		t.Errorf("a part of another account: got %+v, %v", v, err)
	}
	if _, err := s.PutPart(t.Context(), message.Part{Held: held(l), Body: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if body, err := other.HeldPart(t.Context(), held(l), 0); !problem.Is(err, problem.Conflict) {
		t.Errorf("another account read %q, %v", body, err)
	}
	v, err = s.Complete(t.Context(), []message.Completion{{Held: held(l), Result: json.RawMessage(`2`)}})
	if err != nil || v[0].Verdict != message.Accepted {
		t.Errorf("its own: got %+v, %v", v, err)
	}
}
