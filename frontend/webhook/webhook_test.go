package webhook

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/serve/servetest"
)

// Messages verify with the verifier of Standard Webhooks, during the overlap with both secrets.
func TestMessagesVerify(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := receive(t, nil)
	h := w.add("all", r.URL)
	r.expect(h.Secret)
	w.serve()
	w.submit(3)
	r.await(3)
	next := NewSecret()
	if err := w.store.RotateWebhook(t.Context(), "u1", "all", next, 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	r.expect(h.Secret, next)
	w.submit(2)
	r.await(5)
	w.pass(25 * time.Hour)
	r.expect(next)
	w.submit(1)
	r.await(6)
	if len(r.wrong) > 0 {
		t.Fatal(r.wrong)
	}
	old, err := standardwebhooks.NewWebhook(h.Secret)
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.verify, r.wrong = []*standardwebhooks.Webhook{old}, nil
	r.mu.Unlock()
	w.submit(1)
	r.await(7)
	if len(r.wrong) == 0 {
		t.Error("the old secret still signs after the overlap")
	}
	for id, body := range r.bodies {
		if !strings.HasPrefix(id, "evt_") || !strings.HasPrefix(body, `{"type":"job.queued","timestamp":"`) || !strings.Contains(body, `"data":{"id":`) {
			t.Errorf("%s: %s", id, body)
		}
	}
	servetest.Until(t, "all are noted", func() bool { return w.hook("all").Waiting == 0 })
	if now := w.hook("all"); now.Failures != 0 || now.LastSuccessAt == nil || now.LastFailureAt != nil {
		t.Errorf("got %+v", now.Webhook)
	}
}

// A receiver that is down for a minute gets every event afterwards, under the id of the first attempt.
func TestReceiverIsDownForAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := receive(t, status(http.StatusServiceUnavailable))
	h := w.add("all", r.URL)
	r.expect(h.Secret)
	worker, _ := w.serve()
	w.submit(4)
	failed := func(n int) func() bool {
		return func() bool {
			worker.Kick()
			all := w.deliveries("all")
			for _, d := range all {
				if d.Attempts < n || d.LastStatus != 503 || d.State != job.DeliveryWaiting {
					return false
				}
			}
			return len(all) == 4
		}
	}
	servetest.Until(t, "the first attempts fail", failed(1))
	for _, d := range w.deliveries("all") {
		if d.Attempts == 1 && d.NextAt.Sub(*d.LastAt) < 5*time.Second {
			t.Errorf("event %d is tried again after %s", d.Event, d.NextAt.Sub(*d.LastAt))
		}
	}
	w.pass(6 * time.Second)
	servetest.Until(t, "the second attempts fail", failed(2))
	w.pass(54 * time.Second)
	r.set(nil)
	worker.Kick()
	w.pass(6 * time.Minute)
	servetest.Until(t, "all are delivered", func() bool { worker.Kick(); return w.hook("all").Waiting == 0 })
	if n, times := r.got(); n != 4 || times < 12 || len(r.wrong) > 0 {
		t.Errorf("got %d messages %d times, %v", n, times, r.wrong)
	}
	if now := w.hook("all"); now.Failures != 0 || now.LastStatus != 503 || now.LastFailureAt == nil {
		t.Errorf("got %+v", now.Webhook)
	}
}

// A receiver that answers after the claim has run out gets the event again, under the same id; what counts is one delivery.
func TestReceiverIsLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release := make(chan struct{})
	answer := sync.OnceFunc(func() { close(release) })
	var calls atomic.Int64
	r := receive(t, func(http.ResponseWriter, *http.Request) {
		if calls.Add(1) == 1 {
			<-release
		}
	})
	t.Cleanup(answer) // before the server closes
	w.add("all", r.URL)
	w.serve()
	w.submit(1)
	r.await(1)
	if all, err := w.store.ClaimDeliveries(t.Context(), store.Claim{Most: 10, Each: 10, For: claimTime, Others: true}); len(all) > 0 || err != nil {
		t.Errorf("while it is under way, another process claims %+v, %v", all, err)
	}
	other, _ := w.serve()
	w.pass(31 * time.Second)
	servetest.Until(t, "it is delivered by another process", func() bool { other.Kick(); return w.deliveries("all")[0].State == job.DeliveryDelivered })
	answer()
	if n, times := r.got(); n != 1 || times != 2 {
		t.Errorf("got %d messages %d times", n, times)
	}
}

// A webhook that is far behind the log gets all of it, in several transactions.
func TestFarBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("all", "http://127.0.0.1:1")
	const many = 1200
	if _, err := w.pool.Exec(t.Context(), "INSERT INTO pending_event (type, owner) SELECT 'job.queued', 'ada' FROM generate_series(1, $1)", many); err != nil {
		t.Fatal(err)
	}
	if n, err := w.store.NumberEvents(t.Context(), many); n != many || err != nil {
		t.Fatal(n, err)
	}
	for made := 0; ; {
		d, err := w.store.DealEvents(t.Context())
		if made += d.Made; err != nil || d.Webhook == "" {
			if h := w.hook("all"); made != many || h.Waiting != many || err != nil {
				t.Errorf("%d deliveries were made, and %d wait, %v", made, h.Waiting, err)
			}
			return
		}
	}
}

// What a late attempt says does not count once another one has begun.
func TestALateFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("all", "http://127.0.0.1:1")
	w.submit(1)
	if _, err := w.store.DealEvents(t.Context()); err != nil {
		t.Fatal(err)
	}
	claim := func() store.Claimed {
		all, err := w.store.ClaimDeliveries(t.Context(), store.Claim{Most: 10, Each: 10, For: claimTime, Others: true})
		if len(all) != 1 || err != nil {
			t.Fatalf("claimed %+v, %v", all, err)
		}
		return all[0]
	}
	first := claim()
	w.pass(31 * time.Second)
	second := claim()
	for _, a := range []struct {
		of   store.Claimed
		how  store.Attempted
		want job.DeliveryState
	}{
		{first, store.Attempted{Error: "late", Tired: tired}, job.DeliveryWaiting},
		{second, store.Attempted{Status: 200}, job.DeliveryDelivered},
		{first, store.Attempted{Error: "later", Again: time.Second, Tired: tired}, job.DeliveryDelivered},
	} {
		if err := w.store.NoteAttempt(t.Context(), a.of, a.how); err != nil {
			t.Fatal(err)
		}
		if d := w.deliveries("all")[0]; d.State != a.want || d.LastError != "" || first.Message != second.Message || first.Body != second.Body {
			t.Errorf("after %+v: got %+v", a.how, d)
		}
	}
}

// Two services share the work: each event goes out about once.
func TestTwoServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := receive(t, nil)
	h := w.add("all", r.URL)
	r.expect(h.Secret)
	w.serve()
	w.serve()
	const many = 120
	for range many / 20 {
		w.submit(20)
	}
	r.await(many)
	servetest.Until(t, "all are noted", func() bool { return w.hook("all").Waiting == 0 })
	if n, times := r.got(); n != many || times > many+many/20 || len(r.wrong) > 0 {
		t.Errorf("got %d messages %d times, %v", n, times, r.wrong)
	}
}

// A receiver that never answers does not hold up the others.
func TestOneSlowReceiverCostsTheOthersNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	release := make(chan struct{})
	hanging := receive(t, func(http.ResponseWriter, *http.Request) { <-release })
	fine := receive(t, nil)
	t.Cleanup(func() { close(release) }) // before the servers close
	const many = 20
	for i := range many {
		w.add(fmt.Sprintf("slow%d", i), hanging.URL)
	}
	w.serve()
	w.submit(3)
	servetest.Until(t, "all slow ones have a message", func() bool { _, times := hanging.got(); return times >= many })
	w.add("fine", fine.URL)
	w.submit(60)
	fine.await(60)
	if _, times := hanging.got(); times > many {
		t.Errorf("%d attempts to %d receivers that do not answer", times, many)
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := receive(t, status(http.StatusGone))
	w.add("all", r.URL)
	w.serve()
	w.submit(1)
	servetest.Until(t, "it is disabled", func() bool { return !w.hook("all").Enabled })
	if h := w.hook("all"); !strings.Contains(h.Note, "410") || h.Dead != 1 {
		t.Errorf("got %+v", h.Webhook)
	}
	w.submit(1)
	if n, _ := r.got(); n != 1 {
		t.Errorf("%d messages came", n)
	}
}

// Attempts go on for three days; then the delivery is a dead letter, and a webhook that has failed all the time is disabled. Enabled
// again, it gets what has happened meanwhile, and dead letters on request, under their ids.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := receive(t, status(http.StatusInternalServerError))
	w.add("all", r.URL)
	worker, _ := w.serve()
	w.submit(1)
	r.await(1)
	var waited time.Duration
	for i, wait := range waits {
		servetest.Until(t, fmt.Sprintf("attempt %d has failed", i+1), func() bool {
			d := w.deliveries("all")[0]
			return d.Attempts > i+1 || d.Attempts == i+1 && // a slow machine may have waited for real
				d.LastStatus == 500 && time.Since(*d.LastAt) < wait && // not while the attempt goes on: the last one is as long ago as time has passed
				d.NextAt.Sub(*d.LastAt) >= wait && d.NextAt.Sub(*d.LastAt) <= wait+wait/5+time.Second
		})
		w.pass(wait + wait/5 + time.Second)
		waited += wait
		worker.Kick()
	}
	servetest.Until(t, "it is given up", func() bool { return w.deliveries("all")[0].State == job.DeliveryDead })
	if waited < 72*time.Hour || waited > 96*time.Hour {
		t.Errorf("attempts go on for %s", waited)
	}
	if h := w.hook("all"); h.Enabled || !strings.Contains(h.Note, "it answered 500") || h.Dead != 1 || h.Failures != len(waits)+1 {
		t.Errorf("got %+v", h.Webhook)
	}
	w.submit(2)
	r.set(nil)
	if err := w.store.ChangeWebhook(t.Context(), "u1", "all", func(_ *job.WebhookPlan, enabled *bool) ([]job.EventType, error) {
		*enabled = true
		return Types(job.WebhookFilter{}, auth.Administrator.Scopes()), nil
	}); err != nil {
		t.Fatal(err)
	}
	w.submit(1) // which wakes the dealer
	r.await(4)
	if n, err := w.store.Redeliver(t.Context(), "u1", "all", store.Redelivery{State: job.DeliveryDead}, 10); n != 1 || err != nil {
		t.Fatalf("%d are queued again, %v", n, err)
	}
	worker.Kick()
	servetest.Until(t, "the dead letter is delivered", func() bool { h := w.hook("all"); return h.Dead == 0 && h.Waiting == 0 })
	if n, times := r.got(); n != 4 || times != len(waits)+1+4 {
		t.Errorf("got %d messages %d times", n, times)
	}
	if h := w.hook("all"); !h.Enabled || h.Note != "" || h.Failures != 0 {
		t.Errorf("got %+v", h.Webhook)
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "": 0, "-5": 0, "x": 0, "99999999999": maxRetryAfter, "99999999999999999999": 0,
		"Tue, 01 Jan 2030 00:01:00 GMT": time.Minute, "Mon, 31 Dec 2029 00:00:00 GMT": 0, "Tue, 01 Jan 2031 00:00:00 GMT": maxRetryAfter,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("Retry-After %q: got %s, want %s", text, got, want)
		}
	}
	if o := outcome(1, Answer{Status: 429, Error: "x", RetryAfter: time.Hour}); o.Again != time.Hour {
		t.Errorf("got %+v", o)
	}
	if o := outcome(2, Answer{Status: 429, Error: "x", RetryAfter: time.Second}); o.Again < 5*time.Minute || o.Again > 6*time.Minute {
		t.Errorf("got %+v", o)
	}
	if o := outcome(len(waits)+1, Answer{Status: 429, Error: "x", RetryAfter: time.Hour}); o.Again != 0 {
		t.Errorf("got %+v", o)
	}
}

// A user who was removed, or may not read any more, is told nothing more.
func TestRightsOfTheOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := receive(t, nil)
	w.add("all", r.URL)
	worker, _ := w.serve()
	w.mu.Lock()
	w.rights = []auth.Scope{auth.JobsRead}
	w.mu.Unlock()
	if err := worker.checkOwners(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.store.AddVersion(t.Context(), store.Version{Owner: "mia", Audit: []byte(`{}`), Dataset: job.Dataset{Name: "secret", SHA256: strings.Repeat("cd", 32), Bytes: 100}}); err != nil {
		t.Fatal(err)
	}
	w.submit(1)
	r.await(1)
	for _, body := range r.bodies {
		if strings.Contains(body, "secret") {
			t.Errorf("got %s", body)
		}
	}
	w.mu.Lock()
	w.rights = nil
	w.mu.Unlock()
	if err := worker.checkOwners(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h := w.hook("all"); h.Enabled || !strings.Contains(h.Note, "owner") {
		t.Errorf("got %+v", h.Webhook)
	}
}
