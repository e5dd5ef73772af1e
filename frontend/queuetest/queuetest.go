// Package queuetest is a message service in memory that misbehaves on demand,
// for tests of what the data service then does. As long as it behaves, it keeps
// the contract of the real one.
package queuetest

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

// Queue is one service. Safe for concurrent use.
type Queue struct {
	t      testing.TB
	server *httptest.Server

	mu       sync.Mutex
	messages map[string]*message.Detail
	order    []string // keys in order of arrival
	feed     []message.Result
	epoch    message.Epoch
	gap      message.Position // up to which results were deleted
	parts    map[message.Position][]string
	spans    map[string]string // by key, the traceparent of a message
	fault    func(http.ResponseWriter, *http.Request) bool
	lose     func(*http.Request) bool
	changed  chan struct{}

	workers message.Workers
	looks   int // at the workers
}

// New starts a service that ends with the test.
func New(t testing.TB) *Queue {
	q := &Queue{t: t, messages: map[string]*message.Detail{}, parts: map[message.Position][]string{}, spans: map[string]string{}, changed: make(chan struct{}), epoch: "first"}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/messages", q.enqueue)
	mux.HandleFunc("POST /v1/messages/status", q.status)
	mux.HandleFunc("GET /v1/messages/{id}", q.message)
	mux.HandleFunc("PUT /v1/messages/{id}", q.replace)
	mux.HandleFunc("DELETE /v1/messages/{id}", q.cancel)
	mux.HandleFunc("GET /v1/results", q.results)
	mux.HandleFunc("GET /v1/results/{position}/parts/{index}", q.part)
	mux.HandleFunc("GET /v1/workers", q.listWorkers)
	q.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q.mu.Lock()
		fault, lose := q.fault, q.lose
		q.mu.Unlock()
		switch {
		case fault != nil && fault(w, r):
		case lose != nil && lose(r):
			mux.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // done, but the answer is lost
		default:
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() {
		q.server.CloseClientConnections()
		q.server.Close()
	})
	return q
}

// URL is the address of the service.
func (q *Queue) URL() string { return q.server.URL }

// Client returns a client of the service.
func (q *Queue) Client() *client.Client { return client.New(q.server.URL, nil, auth.Static("t")) }

// Fault lets f answer in place of the service whenever it returns true; nil turns
// that off.
func (q *Queue) Fault(f func(http.ResponseWriter, *http.Request) bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.fault = f
}

// Lose lets the service do what it is asked, but drops the answer, whenever f
// returns true; nil turns that off.
func (q *Queue) Lose(f func(*http.Request) bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lose = f
}

// Keys returns the keys of all messages, in the order in which they came.
func (q *Queue) Keys() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]string(nil), q.order...)
}

// Begin begins another epoch of the feed, in which positions mean something else.
func (q *Queue) Begin(epoch message.Epoch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.epoch = epoch
}

// Forget deletes a message, and its result up to a position of the feed.
func (q *Queue) Forget(key string, to message.Position) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.messages, key)
	q.order = slices.DeleteFunc(q.order, func(k string) bool { return k == key })
	for i := range q.feed {
		if q.feed[i].Key == key && q.feed[i].Position <= to {
			q.feed[i].Position = 0
		}
	}
	q.gap = max(q.gap, to)
}

// State is what a service has been told. The zero State is that of a new one.
type State struct {
	Messages []message.Detail // in order of arrival
	Feed     []message.Result
	parts    map[message.Position][]string
}

// Save returns the service's state.
func (q *Queue) Save() State {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := State{Feed: slices.Clone(q.feed), parts: maps.Clone(q.parts)}
	for _, key := range q.order {
		s.Messages = append(s.Messages, *q.messages[key])
	}
	return s
}

// Load gives the service a state in place of its own.
func (q *Queue) Load(s State) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.order, q.messages = nil, map[string]*message.Detail{}
	for _, m := range s.Messages {
		q.order = append(q.order, m.Key)
		q.messages[m.Key] = new(m)
	}
	q.feed, q.parts = slices.Clone(s.Feed), maps.Clone(s.parts)
	if q.parts == nil {
		q.parts = map[message.Position][]string{}
	}
}

// Message returns the message with a key, which must exist.
func (q *Queue) Message(key string) message.Detail {
	q.t.Helper()
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.messages[key]
	if m == nil {
		q.t.Fatalf("the queue has no message %q", key)
	}
	return *m
}

// Traceparent returns the span that the message with a key is below.
func (q *Queue) Traceparent(key string) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.spans[key]
}

// Change changes a message, which must exist.
func (q *Queue) Change(key string, f func(*message.Detail)) {
	q.t.Helper()
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.messages[key]
	if m == nil {
		q.t.Fatalf("the queue has no message %q", key)
	}
	f(m)
}

// Lease gives a message to a worker.
func (q *Queue) Lease(key string, progress float64) {
	q.t.Helper()
	q.Change(key, func(m *message.Detail) {
		m.State, m.LeasedAt, m.Progress = message.Leased, new(time.Now()), progress
	})
}

// End ends a message with the result r, and fills in its position, key, revision and
// times. A completed message loses its payload.
func (q *Queue) End(key string, r message.Result, parts ...string) {
	q.t.Helper()
	q.Change(key, func(m *message.Detail) { q.end(m, r, parts) })
}

func (q *Queue) end(m *message.Detail, r message.Result, parts []string) {
	m.State, m.Outcome, m.Queue = message.Ended, r.Outcome, ""
	if r.Outcome == message.Completed {
		m.Payload = nil
	}
	r.ID, r.Key, r.Revision, r.LeasedAt, r.Parts = m.ID, m.Key, m.Revision, m.LeasedAt, max(r.Parts, len(parts))
	r.EndedAt, r.EnqueuedAt = time.Now(), m.EnqueuedAt
	if r.LeasedAt != nil {
		r.Token, r.ByHolder = cmp.Or(r.Token, 1), true
	}
	q.push(r, parts)
}

// Redrive lets a message wait again that has ended and not completed, and says so in the feed.
func (q *Queue) Redrive(key string) {
	q.t.Helper()
	q.Change(key, func(m *message.Detail) {
		m.State, m.Outcome, m.Queue, m.Attempts, m.CancelRequested, m.LeasedAt, m.Progress = message.Waiting, "", "main", 0, false, nil, 0
		q.push(message.Result{ID: m.ID, Key: m.Key, Outcome: message.Redriven, Revision: m.Revision, EndedAt: time.Now()}, nil)
	})
}

// Push appends a result to the feed as it is, except for its position.
func (q *Queue) Push(r message.Result) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.push(r, nil)
}

func (q *Queue) push(r message.Result, parts []string) {
	r.Position = message.Position(len(q.feed) + 1)
	q.parts[r.Position] = parts
	q.feed = append(q.feed, r)
	close(q.changed)
	q.changed = make(chan struct{})
}

// Work says what the workers do.
func (q *Queue) Work(all message.Workers) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.workers = all
}

// Looks is how often somebody asked what the workers do.
func (q *Queue) Looks() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.looks
}

func (q *Queue) listWorkers(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.ParseInt(r.FormValue("after"), 10, 64)
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	q.mu.Lock()
	defer q.mu.Unlock()
	q.looks++
	page := message.Workers{Workers: []message.Worker{}}
	if after == 0 {
		page.Others = q.workers.Others
	}
	for _, worker := range q.workers.Workers {
		if worker.ID > after && len(page.Workers) < limit {
			page.Workers = append(page.Workers, worker)
			page.Next = worker.ID
		}
	}
	if len(page.Workers) < limit {
		page.Next = 0
	}
	Answer(w, page)
}

func (q *Queue) enqueue(w http.ResponseWriter, r *http.Request) {
	var in message.Upload
	if !read(w, r, &in) {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var out message.Receipts
	for _, m := range in.Messages {
		known := q.messages[m.Key]
		if known == nil {
			id := message.ID(uuid.Must(uuid.NewV7()).String())
			q.messages[m.Key] = &message.Detail{Payload: m.Payload, Status: message.Status{
				ID: id, Key: m.Key, Queue: "main", State: message.Waiting, Revision: 1, Priority: m.Priority, EnqueuedAt: time.Now()}}
			q.order = append(q.order, m.Key)
			q.spans[m.Key] = m.Traceparent
		}
		now := q.messages[m.Key]
		out.Messages = append(out.Messages, message.Receipt{ID: now.ID, Key: m.Key, Queue: now.Queue, Duplicate: known != nil})
	}
	Answer(w, out)
}

func (q *Queue) status(w http.ResponseWriter, r *http.Request) {
	var in message.Lookup
	if !read(w, r, &in) {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	out := message.Statuses{Messages: []message.Status{}}
	keys := in.Keys
	if in.LeasedFor > 0 {
		for _, key := range q.order {
			if m := q.messages[key]; m != nil && m.State == message.Leased && time.Since(*m.LeasedAt).Seconds() >= in.LeasedFor {
				keys = append(keys, key)
			}
		}
	}
	for _, key := range keys {
		if m := q.messages[key]; m != nil {
			s := m.Status
			if in.Places && s.State == message.Waiting {
				s.Place = &message.Place{Ahead: q.before(m), Seconds: new(10.0)}
			}
			out.Messages = append(out.Messages, s)
		}
	}
	Answer(w, out)
}

// before counts the waiting messages that were enqueued before another one.
func (q *Queue) before(m *message.Detail) (n int) {
	for _, other := range q.messages {
		if other.State == message.Waiting && other.EnqueuedAt.Before(m.EnqueuedAt) {
			n++
		}
	}
	return n
}

// with finds the message that a request is about, and answers with it unless f
// returns a problem.
func (q *Queue) with(w http.ResponseWriter, r *http.Request, f func(*message.Detail) *problem.Problem) {
	key, _ := strings.CutPrefix(r.PathValue("id"), "key:")
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.messages[key]
	if m == nil {
		Refuse(w, problem.New(problem.NotFound, "there is no such message"))
		return
	}
	if p := f(m); p != nil {
		Refuse(w, p)
		return
	}
	Answer(w, m)
}

func (q *Queue) message(w http.ResponseWriter, r *http.Request) {
	q.with(w, r, func(*message.Detail) *problem.Problem { return nil })
}

func (q *Queue) replace(w http.ResponseWriter, r *http.Request) {
	var in message.Content
	if !read(w, r, &in) {
		return
	}
	q.with(w, r, func(m *message.Detail) *problem.Problem {
		switch {
		case m.State != message.Waiting:
			return problem.New(problem.Conflict, "the message does not wait")
		case r.Header.Get("If-Match") != strconv.Quote(strconv.Itoa(m.Revision)):
			return problem.New(problem.Stale, "the message has another revision")
		}
		m.Payload, m.Priority = in.Payload, in.Priority
		m.Revision++
		return nil
	})
}

func (q *Queue) cancel(w http.ResponseWriter, r *http.Request) {
	q.with(w, r, func(m *message.Detail) *problem.Problem {
		switch m.State {
		case message.Waiting:
			q.end(m, message.Result{Outcome: message.Cancelled, Error: "cancelled by its producer"}, nil)
		case message.Leased:
			m.CancelRequested = true
		}
		return nil
	})
}

func (q *Queue) results(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.Atoi(r.FormValue("after"))
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	wait, _ := time.ParseDuration(r.FormValue("wait"))
	epoch := message.Epoch(r.FormValue("epoch"))
	redriven := r.FormValue("redriven") == "true"
	end := time.After(wait)
	for {
		q.mu.Lock()
		last, changed := len(q.feed), q.changed
		page := message.Results{Epoch: q.epoch, Results: []message.Result{}}
		other := epoch != "" && epoch != q.epoch
		if !other && message.Position(after) < q.gap {
			page.Gap = &message.Gap{After: message.Position(after), To: q.gap}
		}
		for _, result := range q.feed[min(after, last):] {
			told := result.Outcome != message.Redriven || redriven && result.Position > q.gap
			if !other && result.Position > 0 && told && len(page.Results) < limit {
				page.Results = append(page.Results, result)
			}
		}
		q.mu.Unlock()
		if after > last && !other {
			Refuse(w, problem.New(problem.Conflict, "the feed ends before that position"))
			return
		}
		if len(page.Results) > 0 || page.Gap != nil || other {
			Answer(w, page)
			return
		}
		select {
		case <-changed:
		case <-end:
			Answer(w, page)
			return
		case <-r.Context().Done():
			return
		}
	}
}

func (q *Queue) part(w http.ResponseWriter, r *http.Request) {
	position, _ := strconv.Atoi(r.PathValue("position"))
	index, _ := strconv.Atoi(r.PathValue("index"))
	q.mu.Lock()
	defer q.mu.Unlock()
	parts := q.parts[message.Position(position)]
	if index >= len(parts) {
		Refuse(w, problem.New(problem.NotFound, "there is no such part"))
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.WriteString(w, parts[index]) // a reader that is gone needs no answer
}

func read(w http.ResponseWriter, r *http.Request, into any) bool {
	err := json.NewDecoder(r.Body).Decode(into)
	if err != nil {
		Refuse(w, problem.New(problem.Malformed, err.Error()))
	}
	return err == nil
}

// Answer writes a success.
func Answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // a reader that is gone needs no answer
}

// Refuse writes a problem.
func Refuse(w http.ResponseWriter, p *problem.Problem) {
	w.Header().Set("Content-Type", problem.ContentType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
