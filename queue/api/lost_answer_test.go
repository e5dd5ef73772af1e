package api_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"foliocast/internal/auth"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

// losing loses an answer once the service has given it.
type losing struct{ next atomic.Bool }

func (l *losing) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && l.next.Swap(false) {
		answer.Body.Close()
		return nil, errors.New("the answer is lost")
	}
	return answer, err
}

// A lost answer to a lease does not cost its messages an attempt: the next call of the
// worker gets them.
func TestLostAnswerToALease(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("a")
	s.add("b")
	lost := &losing{}
	worker := client.New(s.url, lost, auth.Static(s.token))
	lost.next.Store(true)
	if leases, err := worker.Lease(t.Context(), "w", 1, 0); err == nil {
		t.Fatalf("got %+v, want an error", leases)
	}
	for _, key := range []string{"a", "b"} { // b is another request's
		leases, err := worker.Lease(t.Context(), "w", 1, 0)
		if err != nil || len(leases) != 1 || leases[0].Key != key || leases[0].Attempt != 1 || leases[0].Token != 1 {
			t.Fatalf("got %+v, %v, want message %s under its first token", leases, err, key)
		}
		done := []message.Completion{{Held: message.Held{ID: leases[0].ID, Token: leases[0].Token}, Result: []byte(`1`)}}
		if _, err := worker.Complete(t.Context(), done); err != nil {
			t.Fatal(err)
		}
	}
}
