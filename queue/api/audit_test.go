package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// TestEveryChangeHasAName makes each change that the service offers.
func TestEveryChangeHasAName(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// dead adds a message, and fails it.
	dead := func(t *testing.T, key string) {
		t.Helper()
		s.add(key)
		for range s.store.Policy().MaxAttempts {
			for {
				leases, err := s.Lease(ctx, "w", 1, 0)
				must(t, err)
				if len(leases) == 1 {
					_, err = s.Complete(ctx, []message.Completion{{Held: held(leases[0]), Error: "broken", Retryable: true}})
					must(t, err)
					break
				}
			}
		}
	}
	queueOf := func(_ message.Queue, err error) error { return err }
	const worker = "it is a worker's work on its lease, and there are thousands"
	audittest.Walk(t, s.door.API, s.store.Trail, []audittest.Change{
		{Route: "POST /v1/messages", Call: func(*testing.T) { s.add("a", "b") }},
		{Route: "PUT /v1/messages/{id}", Call: func(t *testing.T) {
			_, err := s.Replace(ctx, message.ByKey("a"), 1, message.Content{Payload: json.RawMessage(`"c"`)})
			must(t, err)
		}},
		{Route: "DELETE /v1/messages/{id}", Call: func(t *testing.T) {
			for range 2 { // the second one changes nothing
				_, err := s.Cancel(ctx, message.ByKey("a"))
				must(t, err)
			}
		}},
		{Route: "POST /v1/messages/{id}/retry", Call: func(t *testing.T) {
			_, err := s.Retry(ctx, message.ByKey("a"))
			must(t, err)
		}},
		{Route: "POST /v1/queues", Call: func(t *testing.T) {
			for _, dry := range []bool{true, false} {
				_, err := s.AddQueue(ctx, message.NewQueue{Name: "second", MaxLength: 7, MaxLeased: 5}, dry)
				must(t, err)
			}
		}},
		{Route: "POST /v1/queues/{name}/pause", Call: func(t *testing.T) { must(t, queueOf(s.PauseQueue(ctx, "second"))) }},
		{Route: "POST /v1/queues/{name}/resume", Call: func(t *testing.T) { must(t, queueOf(s.ResumeQueue(ctx, "second"))) }},
		{Route: "PUT /v1/queues/{name}/limit", Call: func(t *testing.T) { must(t, queueOf(s.LimitQueue(ctx, "second", 9))) }},
		{Route: "PATCH /v1/queues/{name}", Call: func(t *testing.T) {
			weight := 4
			must(t, queueOf(s.ShareQueue(ctx, "second", message.QueueShare{Weight: &weight})))
		}},
		{Route: "PUT /v1/owners/{owner}", Call: func(t *testing.T) { must(t, s.SetShare(ctx, "ann", message.Share{Weight: 3})) }},
		{Route: "DELETE /v1/queues/{name}", Call: func(t *testing.T) {
			_, err := s.RemoveQueue(ctx, "second", false)
			must(t, err)
		}},
		{Route: "POST /v1/dead/redrive", Call: func(t *testing.T) {
			for _, key := range []string{"a", "b"} {
				_, err := s.Cancel(ctx, message.ByKey(key))
				must(t, err)
			}
			dead(t, "d")
			_, err := s.Redrive(ctx, message.Selection{All: true})
			must(t, err)
			_, err = s.Cancel(ctx, message.ByKey("d"))
			must(t, err)
		}},
		{Route: "POST /v1/dead/purge", Call: func(t *testing.T) {
			dead(t, "e")
			_, err := s.Purge(ctx, message.Selection{All: true})
			must(t, err)
		}},
		{Route: "POST /v1/messages/status", NoChange: "it reads"},
		{Route: "POST /v1/leases", NoChange: worker},
		{Route: "POST /v1/leases/heartbeat", NoChange: worker},
		{Route: "POST /v1/leases/complete", NoChange: worker},
		{Route: "POST /v1/leases/release", NoChange: worker},
		{Route: "POST /v1/leases/inherit", NoChange: worker},
		{Route: "PUT /v1/leases/{id}/parts/{index}", NoChange: worker},
		{Route: "POST /v1/workers", NoChange: "a worker says of itself how it is, every few seconds"},
		{Route: "POST /v1/workers/leave", NoChange: "likewise, at its end"},
	})
	limit := audittest.List(t, s.store.Trail, audit.Filter{Action: "limit-queue"})
	if len(limit) != 1 || string(limit[0].Before) != `{"max_leased":5,"max_length":7,"paused":false,"weight":1}` || string(limit[0].After) != `{"max_leased":5,"max_length":9,"paused":false,"weight":1}` {
		t.Errorf("got %+v, want the limits before and after", limit)
	}
	shares := audittest.List(t, s.store.Trail, audit.Filter{Action: "share-queue"})
	if len(shares) != 1 || string(shares[0].Before) != `{"max_leased":5,"max_length":9,"paused":false,"weight":1}` || string(shares[0].After) != `{"max_leased":5,"max_length":9,"paused":false,"weight":4}` {
		t.Errorf("got %+v, want the shares of a queue before and after", shares)
	}
	share := audittest.List(t, s.store.Trail, audit.Filter{Action: "set-share"})
	if len(share) != 1 || string(share[0].Before) != `{"weight":1}` || string(share[0].After) != `{"weight":3}` {
		t.Errorf("got %+v, want the shares before and after", share)
	}
	for action, want := range map[string]int{"add-queue": 1, "dead-letter": 2, "cancel": 4} {
		if got := len(audittest.List(t, s.store.Trail, audit.Filter{Action: action})); got != want {
			t.Errorf("the trail has %s %d times, want %d", action, got, want)
		}
	}
	for _, e := range audittest.List(t, s.store.Trail, audit.Filter{Action: "dead-letter"}) {
		if e.Actor != audit.System() || e.Object.Kind != "message" || e.Object.ID == "" || string(e.After) != `{"attempts":3,"error":"broken"}` {
			t.Errorf("got %+v", e)
		}
	}
}

// A worker hears which request its work is part of, also after the message was brought back.
func TestRequestsReachTheWorker(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := problem.WithOnBehalfOf(problem.WithRequestID(t.Context(), "relayed-1"), "u-7")
	_, err := s.Enqueue(ctx, []message.New{{Key: "a", Payload: json.RawMessage(`1`), RequestID: "asked-2"}, {Key: "b", Payload: json.RawMessage(`1`)}})
	if err != nil {
		t.Fatal(err)
	}
	if e := audittest.List(t, s.store.Trail, audit.Filter{Action: "enqueue"}); len(e) != 1 || e[0].RequestID != "relayed-1" || e[0].OnBehalfOf != "u-7" {
		t.Errorf("got %+v", e)
	}
	for _, want := range []string{"asked-2", "relayed-1"} {
		if l := s.lease(); l.RequestID != want {
			t.Errorf("%s is part of %q, want %s", l.Key, l.RequestID, want)
		}
	}
	if _, err := s.pool.Exec(ctx, "UPDATE message SET leased_until = now() - interval '1 second', attempts = 2"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Expire(ctx, time.Now()); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Redrive(ctx, message.Selection{All: true}); err != nil || n != 2 {
		t.Fatalf("%d messages came back, %v", n, err)
	}
	if l := s.lease(); l.RequestID != "asked-2" {
		t.Errorf("%s is part of %q after it came back", l.Key, l.RequestID)
	}
	// Nobody writes anything else into the logs of a worker.
	if status, text := s.send("POST", "/v1/messages", `{"messages":[{"key":"c","payload":1,"request_id":"a\nb"}]}`); status != 422 {
		t.Errorf("got %d %s", status, text)
	}
}

// A worker hears below which span its work is, also after the message was brought back; and the reader of the results hears of
// the leases that ended before, lost or given back.
func TestTracesReachTheWorkerAndTheReader(t *testing.T) {
	t.Parallel()
	s := start(t)
	const span = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	if _, err := s.Enqueue(t.Context(), []message.New{{Key: "a", Payload: json.RawMessage(`1`), Traceparent: span}}); err != nil {
		t.Fatal(err)
	}
	first := s.lease()
	if _, err := s.Release(t.Context(), []message.Held{{ID: first.ID, Token: first.Token}}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second of these uses up the attempts
		if l := s.lease(); l.Traceparent != span {
			t.Errorf("leased below %q, want %q", l.Traceparent, span)
		}
		if _, err := s.pool.Exec(t.Context(), "UPDATE message SET leased_until = now() - interval '1 second', attempts = attempts + 1, lost = lost + 1"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.store.Expire(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Redrive(t.Context(), message.Selection{All: true}); err != nil || n != 1 {
		t.Fatalf("%d messages came back, %v", n, err)
	}
	last := s.lease()
	if last.Traceparent != span {
		t.Errorf("leased below %q after it came back", last.Traceparent)
	}
	if _, err := s.Complete(t.Context(), []message.Completion{{Held: message.Held{ID: last.ID, Token: last.Token}, Result: json.RawMessage(`2`)}}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Results(t.Context(), 0, 10, 0)
	if err != nil || len(all) != 2 {
		t.Fatalf("got %d results, %v", len(all), err)
	}
	r := all[1]
	if r.Token != last.Token || !r.ByHolder || all[0].ByHolder || r.EnqueuedAt.IsZero() || r.LeasedAt == nil || r.EnqueuedAt.After(*r.LeasedAt) || len(r.Past) != 2 {
		t.Fatalf("got %+v", r)
	}
	before := r.EnqueuedAt
	for i, p := range r.Past {
		lost := i == 1
		if p.Token != first.Token+message.Token(i) || p.Lost != lost || (p.Error != "") != lost || p.Worker == "" || p.LeasedAt.Before(before) || p.EndedAt.Before(p.LeasedAt) {
			t.Errorf("lease %d was %+v", i, p)
		}
		before = p.EndedAt
	}

	// Only the newest are remembered.
	if _, err := s.Enqueue(t.Context(), []message.New{{Key: "b", Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	for range 18 {
		l := s.lease()
		if _, err := s.Release(t.Context(), []message.Held{{ID: l.ID, Token: l.Token}}); err != nil {
			t.Fatal(err)
		}
	}
	last = s.lease()
	if _, err := s.Complete(t.Context(), []message.Completion{{Held: message.Held{ID: last.ID, Token: last.Token}, Result: json.RawMessage(`2`)}}); err != nil {
		t.Fatal(err)
	}
	all, err = s.Results(t.Context(), r.Position, 10, 0)
	if err != nil || len(all) != 1 || len(all[0].Past) != 16 || all[0].Past[0].Token != 3 || all[0].Past[15].Token != 18 {
		t.Errorf("after 18 leases: %+v, %v", all, err)
	}
}
