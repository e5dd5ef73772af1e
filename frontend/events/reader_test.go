package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/frontend/store"
	"foliocast/internal/job"
)

// process is a data service as far as events go.
type process struct {
	store *store.Store
	hub   *Hub
	stop  func()
	told  <-chan struct{} // closed when it is told to stop: its streams end
}

func start(t testing.TB, pool *pgxpool.Pool) *process {
	t.Helper()
	s := store.New(pool)
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{store: s, hub: NewHub(s, slog.New(slog.DiscardHandler)), told: ctx.Done()}
	over := make(chan struct{})
	go func() { defer close(over); p.hub.Run(ctx) }()
	p.stop = sync.OnceFunc(func() { cancel(); <-over })
	t.Cleanup(p.stop)
	return p
}

// prices adds the dataset of all jobs.
func (p *process) prices(t testing.TB) job.Dataset {
	t.Helper()
	v, _, err := p.store.AddVersion(t.Context(), store.Version{Owner: "mia", Audit: []byte(`{}`),
		Dataset: job.Dataset{Name: "prices", SHA256: strings.Repeat("ab", 32), Bytes: 100}})
	if err != nil {
		t.Fatal(err)
	}
	return v.Dataset
}

func (p *process) submit(ctx context.Context, d job.Dataset) (job.ID, error) {
	spec := job.Spec{Dataset: "prices", Assets: []string{"A"}, Horizon: 1}.Defaulted()
	j, _, err := p.store.CreateJob(ctx, store.NewJob{Owner: "mia", Subject: "u1", Spec: spec, Dataset: d})
	return j.ID, err
}

// reader is what a browser does with a stream: it takes whole events only, and remembers the last id.
type reader struct {
	mu     sync.Mutex
	half   []byte
	last   string // id
	events []job.LogEvent
	resets []Reset
	beats  int
	cut    int // it hangs up behind so many events of a connection; 0 is never
	hang   func()
	block  chan struct{} // a write waits until it is closed; nil does not
}

var errGone = errors.New("the reader is gone")

func (r *reader) Write(p []byte) (int, error) {
	r.mu.Lock()
	block := r.block
	r.mu.Unlock()
	if block != nil {
		<-block
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.half = append(r.half, p...)
	for {
		whole, rest, found := bytes.Cut(r.half, []byte("\n\n"))
		if !found {
			return len(p), nil
		}
		r.half = rest
		if err := r.take(string(whole)); err != nil {
			return 0, err
		}
	}
}

func (*reader) Flush() {}

func (r *reader) take(block string) error {
	name, data := "", ""
	for line := range strings.Lines(block) {
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "id":
			r.last = value
		case "data":
			data = value
		case "event":
			name = value
		case ":":
			r.beats++
		}
	}
	switch {
	case data == "":
		return nil
	case name == ResetName:
		var reset Reset
		r.resets = append(r.resets, reset)
		return json.Unmarshal([]byte(data), &r.resets[len(r.resets)-1])
	}
	var e job.LogEvent
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return err
	}
	if fmt.Sprint(e.ID) != r.last {
		return fmt.Errorf("event %d has the id %s", e.ID, r.last)
	}
	r.events = append(r.events, e)
	if r.cut--; r.cut == 0 {
		r.hang()
		return errGone
	}
	return nil
}

// seen is how many events it has.
func (r *reader) seen() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

// follow reads a stream from where the reader was, until it ends, is cut or ctx ends.
func (r *reader) follow(ctx context.Context, p *process, f store.EventFilter, cut int) error {
	ctx, hang := context.WithCancel(ctx)
	defer hang()
	r.mu.Lock()
	start := Start{}
	if _, err := fmt.Sscan(r.last, &start.After); err == nil {
		start.Named = start.After > 0
	}
	r.half, r.cut, r.hang = nil, cut, hang
	r.mu.Unlock()
	s, err := p.hub.Open(ctx, start, f)
	if err != nil {
		return err
	}
	return s.Write(ctx, r, p.told)
}

// end reports whether the reader has the last event.
func (r *reader) end(ctx context.Context, s *store.Store) bool {
	if _, err := s.NumberEvents(ctx, atOnce); err != nil {
		return false
	}
	page, err := s.Events(ctx, 0, store.EventFilter{}, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	return err == nil && r.last == fmt.Sprint(page.Last)
}

// check fails the test unless the reader has seen each event once, in order, and each job's life.
func (r *reader) check(t *testing.T, name string, jobs int) {
	t.Helper()
	states := map[job.ID]job.State{}
	for i, e := range r.events {
		if e.ID != int64(i)+1 {
			t.Fatalf("%s: event %d came as number %d", name, e.ID, i+1)
		}
		if to := e.Type.State(); to != "" {
			if from := states[e.Job]; from != "" && !from.CanBecome(to) || from == "" && to != job.Queued {
				t.Errorf("%s: job %s went from %q to %s", name, e.Job, from, to)
			}
			states[e.Job] = to
		}
	}
	for id, state := range states {
		if state != job.Done {
			t.Errorf("%s: the last of job %s is %s", name, id, state)
		}
	}
	if len(states) != jobs || len(r.resets) > 0 {
		t.Errorf("%s: saw %d jobs of %d, and %d resets", name, len(states), jobs, len(r.resets))
	}
}
