package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Worker is what a worker uses of a message service. *client.Client implements it.
type Worker interface {
	Inherit(ctx context.Context, worker string) (int, error)
	Lease(ctx context.Context, worker string, max int, wait time.Duration, queues ...string) ([]message.Lease, error)
	Heartbeat(ctx context.Context, beats []message.Beat) ([]message.HeldVerdict, error)
	Complete(ctx context.Context, completions []message.Completion) ([]message.HeldVerdict, error)
	Release(ctx context.Context, leases []message.Held) ([]message.HeldVerdict, error)
	PutPart(ctx context.Context, part message.Part) (message.HeldVerdict, error)
	HeldPart(ctx context.Context, lease message.Held, index int) ([]byte, error)
}

// WorkerService is a message service under test, as workers see it.
type WorkerService struct {
	Worker
	// Cancel cancels a message, as its producer does.
	Cancel func(message.ID)
	// Expire makes every lease expire.
	Expire func()
}

// Work tests what workers rely on. Open returns a new service in which messages
// with the payloads wait in that order. Each has at least three attempts, its
// back-offs are short, and no lease expires by itself.
func Work(t *testing.T, open func(t *testing.T, payloads ...json.RawMessage) WorkerService) {
	for name, c := range map[string]func(*worker){
		"lease in order":           (*worker).leaseInOrder,
		"heartbeat":                (*worker).heartbeat,
		"heartbeat of a cancelled": (*worker).heartbeatOfACancelled,
		"complete":                 (*worker).complete,
		"complete again":           (*worker).completeAgain,
		"an error to retry":        (*worker).errorToRetry,
		"an error for good":        (*worker).errorForGood,
		"release":                  (*worker).release,
		"release a cancelled":      (*worker).releaseACancelled,
		"a lease expires":          (*worker).leaseExpires,
		"parts":                    (*worker).parts,
		"parts of earlier leases":  (*worker).earlierParts,
		"inherit":                  (*worker).inherit,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c(&worker{WorkerService: open(t, json.RawMessage(`{"n":0}`), json.RawMessage(`{"n":1}`), json.RawMessage(`{"n":2}`)), T: t})
		})
	}
}

// worker is a worker at a service where three messages wait.
type worker struct {
	WorkerService
	*testing.T
}

// lease leases up to most of the waiting messages, and checks how many.
func (w *worker) lease(name string, most, want int) []message.Lease {
	w.Helper()
	leases := must[[]message.Lease](w.T)(w.Lease(w.Context(), name, most, 0))
	if len(leases) != want {
		w.Fatalf("got %d leases, want %d", len(leases), want)
	}
	return leases
}

// again leases the message of an earlier lease, once it waits again.
func (w *worker) again(before message.Lease) message.Lease {
	w.Helper()
	for end := time.Now().Add(longest); time.Now().Before(end); {
		if leases := must[[]message.Lease](w.T)(w.Lease(w.Context(), "again", 10, time.Second)); len(leases) > 0 {
			if len(leases) != 1 || leases[0].ID != before.ID || leases[0].Token <= before.Token {
				w.Fatalf("got %+v, want message %s under a token greater than %d", leases, before.ID, before.Token)
			}
			return leases[0]
		}
	}
	w.Fatalf("message %s does not come back", before.ID)
	return message.Lease{}
}

// verdict returns the verdict of a call about one lease.
func (w *worker) verdict(v []message.HeldVerdict, err error) message.Verdict {
	w.Helper()
	if must[[]message.HeldVerdict](w.T)(v, err); len(v) != 1 {
		w.Fatalf("got %d verdicts, want 1", len(v))
	}
	return v[0].Verdict
}

func (w *worker) want(got, want message.Verdict) {
	w.Helper()
	if got != want {
		w.Errorf("got %q, want %q", got, want)
	}
}

func (w *worker) completing(c message.Completion) message.Verdict {
	w.Helper()
	return w.verdict(w.Complete(w.Context(), []message.Completion{c}))
}

func (w *worker) releasing(h message.Held) message.Verdict {
	w.Helper()
	return w.verdict(w.Release(w.Context(), []message.Held{h}))
}

func (w *worker) beating(h message.Held) message.Verdict {
	w.Helper()
	return w.verdict(w.Heartbeat(w.Context(), []message.Beat{{Held: h, Progress: 0.5}}))
}

func done(h message.Held) message.Completion {
	return message.Completion{Held: h, Result: json.RawMessage(`1`)}
}

func (w *worker) leaseInOrder() {
	leases := append(w.lease("a", 2, 2), w.lease("b", 10, 1)...)
	w.lease("a", 10, 0)
	for i, l := range leases {
		if want := fmt.Sprintf(`{"n":%d}`, i); string(l.Payload) != want {
			w.Errorf("lease %d carries %s, want %s", i, l.Payload, want)
		}
		if l.Token < 1 || l.Attempt != 1 || l.Seconds <= 0 || l.ExpiresAt.IsZero() {
			w.Errorf("lease %d: token %d, attempt %d, %v seconds until %v", i, l.Token, l.Attempt, l.Seconds, l.ExpiresAt)
		}
	}
}

func (w *worker) heartbeat() {
	leases := w.lease("w", 2, 2)
	first, second := held(leases[0]), held(leases[1])
	stale := message.Held{ID: first.ID, Token: first.Token + 1}
	unknown := message.Held{ID: "01890a5d-ac96-774b-bcce-b302099a8057", Token: 1}
	beat := func(all ...message.Held) []message.HeldVerdict {
		var beats []message.Beat
		for _, h := range all {
			beats = append(beats, message.Beat{Held: h, Progress: 0.5})
		}
		return must[[]message.HeldVerdict](w.T)(w.Heartbeat(w.Context(), beats))
	}
	all := []message.Held{second, unknown, first}
	verdicts := beat(all...)
	wantVerdicts(w.T, verdicts, all, message.Extended, message.Stale, message.Extended)
	if len(verdicts) == 3 && (verdicts[0].ExpiresAt.IsZero() || verdicts[2].ExpiresAt.Before(leases[0].ExpiresAt)) {
		w.Errorf("the leases now end at %v and %v", verdicts[0].ExpiresAt, verdicts[2].ExpiresAt)
	}
	wantVerdicts(w.T, beat(stale), []message.Held{stale}, message.Stale)
}

func (w *worker) heartbeatOfACancelled() {
	l := w.lease("w", 1, 1)[0]
	w.Cancel(l.ID)
	w.want(w.beating(held(l)), message.Stop)
	w.want(w.completing(message.Completion{Held: held(l), Error: "stopped", Retryable: true}), message.Accepted)
	w.want(w.beating(held(l)), message.Stale)
	w.lease("w", 10, 2) // the others: a cancelled message does not come back
}

func (w *worker) complete() {
	l := w.lease("w", 1, 1)[0]
	w.want(w.completing(done(message.Held{ID: l.ID, Token: l.Token + 1})), message.Stale)
	w.want(w.completing(done(held(l))), message.Accepted)
	w.want(w.beating(held(l)), message.Stale)
	w.lease("w", 10, 2)
}

// The first answer may have been lost.
func (w *worker) completeAgain() {
	l := w.lease("w", 1, 1)[0]
	w.want(w.completing(done(held(l))), message.Accepted)
	w.want(w.completing(done(held(l))), message.Accepted)
	w.want(w.completing(message.Completion{Held: held(l), Error: "other"}), message.Stale)
	w.want(w.releasing(held(l)), message.Stale)
	w.lease("w", 10, 2)
}

func (w *worker) errorToRetry() {
	l := w.lease("w", 3, 3)[0]
	failure := message.Completion{Held: held(l), Error: "no luck", Retryable: true}
	w.want(w.completing(failure), message.Accepted)
	w.want(w.completing(failure), message.Accepted)
	w.want(w.completing(done(held(l))), message.Stale)
	next := w.again(l)
	if next.Attempt != 2 {
		w.Errorf("it comes back as attempt %d, want 2", next.Attempt)
	}
	w.want(w.completing(failure), message.Stale)
	w.want(w.completing(done(held(next))), message.Accepted)
}

func (w *worker) errorForGood() {
	l := w.lease("w", 1, 1)[0]
	failure := message.Completion{Held: held(l), Error: "never"}
	w.want(w.completing(failure), message.Accepted)
	w.want(w.completing(failure), message.Accepted)
	w.want(w.completing(done(held(l))), message.Stale)
	w.lease("w", 10, 2)
}

func (w *worker) release() {
	l := w.lease("w", 3, 3)[0]
	w.want(w.releasing(held(l)), message.Accepted)
	w.want(w.releasing(held(l)), message.Accepted)
	w.want(w.beating(held(l)), message.Stale)
	w.want(w.completing(done(held(l))), message.Stale)
	next := w.again(l)
	if next.Attempt != 1 {
		w.Errorf("it comes back as attempt %d: a release is no attempt", next.Attempt)
	}
	w.want(w.releasing(held(l)), message.Stale)
	w.want(w.beating(held(next)), message.Extended)
}

func (w *worker) releaseACancelled() {
	l := w.lease("w", 1, 1)[0]
	w.Cancel(l.ID)
	w.want(w.releasing(held(l)), message.Accepted)
	w.lease("w", 10, 2)
}

func (w *worker) leaseExpires() {
	leases := w.lease("w", 3, 3)
	w.want(w.completing(done(held(leases[1]))), message.Accepted)
	w.want(w.completing(done(held(leases[2]))), message.Accepted)
	l := leases[0]
	w.Expire()
	w.want(w.beating(held(l)), message.Stale)
	next := w.again(l)
	if next.Attempt != 2 {
		w.Errorf("it comes back as attempt %d, want 2", next.Attempt)
	}
	w.want(w.completing(done(held(l))), message.Stale)
	w.want(w.releasing(held(l)), message.Stale)
	w.want(w.completing(done(held(next))), message.Accepted)
}

func (w *worker) put(h message.Held, index int, body []byte) message.Verdict {
	w.Helper()
	v := must[message.HeldVerdict](w.T)(w.PutPart(w.Context(), message.Part{Held: h, Index: index, Body: body}))
	if v.Held != h {
		w.Errorf("the verdict is on %v, want %v", v.Held, h)
	}
	return v.Verdict
}

// earlierParts: what one holder has sent, the next may read, under the token of its own
// lease; of several with one index, that of the latest lease.
func (w *worker) earlierParts() {
	leases := w.lease("w", 3, 3)
	first := leases[0]
	w.want(w.put(held(first), 7, []byte("old")), message.Accepted)
	w.want(w.put(held(first), 9, []byte("kept\x00\xff")), message.Accepted)
	w.want(w.releasing(held(first)), message.Accepted)
	if body, err := w.HeldPart(w.Context(), held(first), 9); !problem.Is(err, problem.Conflict) {
		w.Errorf("under the lease that was returned: got %q, %v", body, err)
	}
	next := w.again(first)
	w.want(w.put(held(first), 7, []byte("late")), message.Stale)
	read := func(index int, want string) {
		w.Helper()
		if body, err := w.HeldPart(w.Context(), held(next), index); err != nil || string(body) != want {
			w.Errorf("part %d: got %q, %v, want %q", index, body, err, want)
		}
	}
	read(7, "old")
	w.want(w.put(held(next), 7, []byte("new")), message.Accepted)
	read(7, "new")
	read(9, "kept\x00\xff")
	if body, err := w.HeldPart(w.Context(), held(next), 8); !problem.Is(err, problem.NotFound) {
		w.Errorf("a part that nobody sent: got %q, %v", body, err)
	}
	if body, err := w.HeldPart(w.Context(), held(leases[1]), 7); !problem.Is(err, problem.NotFound) {
		w.Errorf("a part of another message: got %q, %v", body, err)
	}
	w.want(w.completing(done(held(next))), message.Accepted) // the parts are no part of this result
	if body, err := w.HeldPart(w.Context(), held(next), 9); !problem.Is(err, problem.Conflict) {
		w.Errorf("after the end: got %q, %v", body, err)
	}
}

func (w *worker) parts() {
	l := w.lease("w", 1, 1)[0]
	put := w.put
	w.want(put(message.Held{ID: l.ID, Token: l.Token + 1}, 0, []byte("x")), message.Stale)
	w.want(put(held(l), 0, bytes.Repeat([]byte{0, 255}, 100)), message.Accepted)
	w.want(put(held(l), 0, []byte("instead")), message.Accepted)
	c := done(held(l))
	c.Parts = 2
	_, err := w.Complete(w.Context(), []message.Completion{c})
	wantKind(w.T, err, problem.Invalid)
	w.want(w.beating(held(l)), message.Extended) // nothing was changed
	w.want(put(held(l), 1, []byte("second")), message.Accepted)
	w.want(w.completing(c), message.Accepted)
	w.want(put(held(l), 2, []byte("late")), message.Stale)
}

func (w *worker) inherit() {
	first, second := message.Incarnation("world", "1"), message.Incarnation("world", "2")
	mine := w.lease(first, 1, 1)[0]
	w.lease(message.Incarnation("other", "1"), 1, 1)
	w.lease("alone", 1, 1)
	if n := must[int](w.T)(w.Inherit(w.Context(), second)); n != 1 {
		w.Errorf("inherited %d messages, want 1", n)
	}
	if n := must[int](w.T)(w.Inherit(w.Context(), second)); n != 0 {
		w.Errorf("inherited %d messages at the second call", n)
	}
	w.want(w.beating(held(mine)), message.Stale)
	next := w.again(mine)
	if next.Attempt != 2 {
		w.Errorf("it comes back as attempt %d, want 2", next.Attempt)
	}
}
