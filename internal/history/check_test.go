package history_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/history"
)

// story writes a good history by the rules of the service: jobs that are submitted,
// replaced, cancelled, retried and redriven, leases that are lost and given again.
type story struct {
	random   *rand.Rand
	now      int64
	position int64
	trail    int64
	finals   []history.Event
	accepted []string
	events   []history.Event
}

func good(seed uint64, jobs int) []history.Event {
	s := &story{random: rand.New(rand.NewPCG(seed, 0))}
	s.add(history.Event{Kind: history.Begin, Seed: seed})
	for i := range jobs {
		s.job(i)
		if i%5 == 2 {
			begin := s.tick()
			s.add(history.Event{Kind: history.Walk, Begin: begin, End: s.tick(), Jobs: slices.Clone(s.accepted)})
			s.add(history.Event{Kind: history.Fault, Begin: begin, End: s.tick(), Fault: "kill queue", Recovered: 1_000_000})
		}
	}
	for i := range 7 {
		s.add(history.Event{Kind: history.Expected, Spec: spec(i), Numbers: numbers(i)})
	}
	s.events = append(s.events, s.finals...)
	s.add(history.Event{Kind: history.End, Lines: len(s.events)})
	return s.events
}

func spec(i int) string    { return fmt.Sprintf(`{"horizon":%d}`, i%7+1) }
func numbers(i int) string { return fmt.Sprintf(`{"mean":[%d.5]}`, i%7) }

func (s *story) add(e history.Event) { s.events = append(s.events, e) }
func (s *story) tick() int64         { s.now += 1 + s.random.Int64N(100); return s.now }

// call adds a call of a client to a job.
func (s *story) call(op history.Op, job string, e history.Event) {
	e.Kind, e.Op, e.Job, e.Client, e.Begin, e.End = history.Call, op, job, "client 1", s.tick(), s.tick()
	s.add(e)
}

// wire adds a request to the queue.
func (s *story) wire(op history.Op, request string, items ...history.Item) {
	s.add(history.Event{Kind: history.Wire, Op: op, Client: "worker", Key: request, Begin: s.tick(), End: s.tick(), Status: 200, Items: items})
}

// end adds the end of a message to the feed.
func (s *story) end(key, message, outcome, numbers string) {
	s.position++
	s.add(history.Event{Kind: history.Feed, Begin: s.tick(), End: s.tick(), Epoch: "e", Position: s.position, ID: message, Key: key, Outcome: outcome, Numbers: numbers})
}

// job adds the life of job i: the form of the life is i modulo 6.
func (s *story) job(i int) {
	id, key, n := fmt.Sprintf("job-%d", i), fmt.Sprintf("key-%d", i), i
	s.call(history.Submit, "", history.Event{Key: key, Spec: spec(n)}) // no answer
	s.call(history.Submit, id, history.Event{Key: key, Spec: spec(n), Status: 201, State: "queued"})
	s.trail++
	s.add(history.Event{Kind: history.Audit, Service: "frontend", Position: s.trail, Action: "create-job", Job: id, Outcome: "done"})
	s.accepted = append(s.accepted, id)
	run, message := id, fmt.Sprintf("message-%d", i)
	state := "done"
	switch i % 6 {
	case 1: // replaced
		n++
		s.upload(message, run)
		s.call(history.Replace, id, history.Event{Spec: spec(n), Status: 200, State: "queued"})
		s.end(run, message, "cancelled", "")
		run, message = run+"#2", message+"-2"
	case 2: // cancelled
		state = "cancelled"
		s.upload(message, run)
		s.call(history.Cancel, id, history.Event{Status: 200, State: "queued"})
		s.end(run, message, "cancelled", "")
	case 3: // cancelled and retried
		s.upload(message, run)
		s.call(history.Cancel, id, history.Event{Status: 200, State: "queued"})
		s.end(run, message, "cancelled", "")
		s.call(history.Get, id, history.Event{Status: 200, State: "cancelled"})
		s.call(history.Retry, id, history.Event{Status: 200, State: "queued"})
		run, message = run+"#2", message+"-2"
	case 4: // redriven
		s.upload(message, run)
		s.end(run, message, "dead", "")
		s.call(history.Get, id, history.Event{Status: 200, State: "dead"})
		s.end(run, message, "redriven", "")
		s.call(history.Get, id, history.Event{Status: 200, State: "queued"})
	}
	if state == "done" {
		s.upload(message, run)
		s.lease(message, run, i, n)
		s.call(history.Get, id, history.Event{Status: 200, State: "done"})
	}
	final := history.Event{Kind: history.Final, Begin: 1 << 40, End: 1<<40 + 1, Job: id, State: state, Spec: spec(n)}
	if state == "done" {
		final.Numbers = numbers(n)
	}
	s.finals = append(s.finals, final)
}

func (s *story) upload(message, key string) {
	s.wire(history.Enqueue, "", history.Item{ID: message, Key: key}, history.Item{ID: message + "-next", Key: key + "-next"})
}

// lease adds the leases of message i, of which some are lost, until it ends.
func (s *story) lease(message, key string, i, n int) {
	token := int64(1)
	give := func() {
		s.wire(history.Lease, fmt.Sprintf("%s-%d", message, token), history.Item{ID: message, Key: key, Queue: "a", Token: token, Attempt: 1},
			history.Item{ID: message + "-next", Key: key + "-next", Queue: "a", Token: token, Attempt: 1})
	}
	give()
	if i%4 == 3 {
		give() // repeated
		lost := token
		token++
		give()
		s.wire(history.Complete, "", history.Item{ID: message, Token: lost, Verdict: "stale", Numbers: numbers(n)})
	}
	s.wire(history.Beat, "", history.Item{ID: message, Token: token, Verdict: "extended"})
	s.wire(history.Complete, "", history.Item{ID: message, Token: token, Verdict: "accepted", Numbers: numbers(n)})
	s.end(key, message, "completed", numbers(n))
}

func TestGoodHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		if v := history.Check(good(seed, 60)); len(v) > 0 {
			t.Errorf("seed %d: %d violations, first: %s", seed, len(v), v[0])
		}
	}
}

func TestHistorySurvivesItsFile(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w := history.NewWriter(&file)
	want := good(1, 12)
	for _, e := range want[:len(want)-1] {
		w.Add(e)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := history.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := history.Read(strings.NewReader("{}\n{\n")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("half a line: got %v", err)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	got, err := history.Numbers([]byte(`{"job": "j", "overall": {"mean": [0.1, 1e-07]}, "assets": [ ], "provenance": {"ranks": 2}}`))
	if want := `{"assets":[],"overall":{"mean":[0.1,1e-07]}}`; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
