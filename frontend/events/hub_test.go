package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/serve/servetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

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

// While 500 jobs are submitted, end, are cancelled and retried, by two processes, readers are cut
// again and again and go on at whichever process there is. One process loses the database for a while, and one
// is replaced by another. Each reader has every event once, in the order of the log.
func TestStreamsLoseNothing(t *testing.T) {
	t.Parallel()
	const jobs, readers, cuts = 500, 4, 20
	gate, behind, beside := pgtest.OpenGated(t, store.Migrations())
	one, two := start(t, behind), start(t, beside)
	d := two.prices(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()

	var mu sync.Mutex
	processes := []*process{one, two}
	pick := func(random *rand.Rand) *process {
		mu.Lock()
		defer mu.Unlock()
		return processes[random.IntN(len(processes))]
	}

	var total sync.WaitGroup
	made := make(chan int, jobs)
	for w := range 4 {
		total.Go(func() {
			random := rand.New(rand.NewPCG(3, uint64(w)))
			for range jobs / 4 {
				if err := live(ctx, two, d, random); err != nil {
					t.Error(err)
					return
				}
				made <- 1
			}
		})
	}
	done := make(chan struct{})
	go func() { total.Wait(); close(done) }()
	total.Go(func() { // what breaks
		for n := range jobs {
			select {
			case <-made:
			case <-ctx.Done():
				return
			}
			switch n {
			case jobs / 5:
				gate.Shut()
			case jobs / 3:
				gate.Open()
			case jobs / 2:
				mu.Lock()
				processes[0] = start(t, behind) // another process in its place
				mu.Unlock()
				one.stop()
			}
		}
	})

	all := make([]*reader, readers)
	var reading sync.WaitGroup
	for i := range all {
		r := &reader{}
		all[i] = r
		reading.Go(func() {
			random := rand.New(rand.NewPCG(5, uint64(i)))
			for n := 0; ctx.Err() == nil; n++ {
				cut := 1 + random.IntN(2*jobs/cuts)
				if err := r.follow(ctx, pick(random), store.EventFilter{}, cut); err != nil && !errors.Is(err, errGone) {
					time.Sleep(time.Millisecond) // the database cannot be reached: a browser waits as well
				}
				select {
				case <-done:
					if n >= cuts && r.end(ctx, two.store) {
						return
					}
				default:
				}
			}
		})
	}
	total.Wait()
	for _, r := range all {
		servetest.Until(t, "each reader has all", func() bool { return r.end(ctx, two.store) })
	}
	cancel()
	reading.Wait()
	for i, r := range all {
		r.check(t, fmt.Sprint("reader ", i), jobs)
	}
}

// live lives through the life of one job.
func live(ctx context.Context, p *process, d job.Dataset, random *rand.Rand) error {
	id, err := p.submit(ctx, d)
	if err != nil {
		return err
	}
	run := 1
	if random.IntN(3) == 0 {
		if err := p.store.Cancel(ctx, id); err != nil {
			return err
		}
		if err := p.store.Retry(ctx, id); err != nil {
			return err
		}
		run = 2
	}
	return p.store.End(ctx, store.Outcome{Job: id, Run: run, State: job.Done})
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

// A stream of one job has its life from the beginning, and ends with it.
func TestStreamOfAJob(t *testing.T) {
	t.Parallel()
	p := start(t, pgtest.Open(t, store.Migrations()))
	d := p.prices(t)
	id, err := p.submit(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	var r reader
	over := make(chan error, 1)
	go func() { over <- r.follow(t.Context(), p, store.EventFilter{Job: id}, 0) }()
	servetest.Until(t, "it knows that the job is queued", func() bool { return r.seen() == 1 })
	if _, err := p.submit(t.Context(), d); err != nil { // another job
		t.Fatal(err)
	}
	if err := p.store.End(t.Context(), store.Outcome{Job: id, Run: 1, State: job.Done}); err != nil {
		t.Fatal(err)
	}
	if err := <-over; err != nil || len(r.events) != 2 || r.events[1].Type != "job.done" {
		t.Errorf("got %+v, %v", r.events, err)
	}
	// Who comes when a job has just ended has all of it, although nothing is numbered yet.
	p.stop()
	if id, err = p.submit(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := p.store.End(t.Context(), store.Outcome{Job: id, Run: 1, State: job.Done}); err != nil {
		t.Fatal(err)
	}
	other := NewHub(p.store, slog.New(slog.DiscardHandler)) // which does not run
	s, err := other.Open(t.Context(), Start{Ended: true}, store.EventFilter{Job: id})
	if err != nil {
		t.Fatal(err)
	}
	var late reader
	if err := s.Write(t.Context(), &late, nil); err != nil || len(late.events) != 2 {
		t.Errorf("later: got %+v, %v", late.events, err)
	}
	if s, err = other.Open(t.Context(), Start{After: late.events[1].ID, Named: true, Ended: true}, store.EventFilter{Job: id}); err != nil || !s.Empty() {
		t.Errorf("behind the end, the stream says more, or: %v", err)
	}
}

// A position that was forgotten, or is of another database, is said to be.
func TestReset(t *testing.T) {
	t.Parallel()
	p := start(t, pgtest.Open(t, store.Migrations()))
	d := p.prices(t)
	for range 4 {
		if _, err := p.submit(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	servetest.Until(t, "they are numbered", func() bool { end, err := p.hub.End(t.Context()); return err == nil && end == 5 })
	if _, err := p.store.ForgetEvents(t.Context(), -time.Hour, 3); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		last   string
		events int
		resets []int64
	}{
		{"from the beginning", "", 2, nil},
		{"forgotten", "2", 2, []int64{3}},
		{"the last that was forgotten", "3", 2, nil},
		{"kept", "4", 1, nil},
		{"another database", "9", 0, []int64{5}},
	} {
		ctx, stop := context.WithCancel(t.Context())
		r := reader{last: c.last}
		over := make(chan error, 1)
		go func() { over <- r.follow(ctx, p, store.EventFilter{}, 0) }()
		servetest.Until(t, c.name, func() bool { r.mu.Lock(); defer r.mu.Unlock(); return r.last == "5" && len(r.events) == c.events })
		stop()
		if err := <-over; err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var got []int64
		for _, reset := range r.resets {
			got = append(got, reset.After)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.resets) {
			t.Errorf("%s: resets to %v, want %v", c.name, got, c.resets)
		}
	}
}

// A reader that takes nothing for a while goes on from the log itself: nothing is kept for it.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	p := start(t, pgtest.Open(t, store.Migrations()))
	d := p.prices(t)
	r := reader{block: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	over := make(chan error, 1)
	go func() { over <- r.follow(ctx, p, store.EventFilter{}, 0) }()
	id, err := p.submit(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	const many = 3*kept + 10
	for n := 0; n < many; {
		jobs, err := churn(t, p.store, id)
		if err != nil {
			t.Fatal(err)
		}
		n += jobs
	}
	servetest.Until(t, "the hub has let go of the first events", func() bool { return !p.hub.after(1).whole && p.hub.after(1).end > many })
	if n := len(p.hub.after(p.hub.after(0).end - kept).frames); n != kept {
		t.Errorf("the hub has %d of the last %d", n, kept)
	}
	close(r.block)
	servetest.Until(t, "the reader has all", func() bool { return r.end(t.Context(), p.store) })
	stop()
	<-over
	for i, e := range r.events {
		if e.ID != int64(i)+1 {
			t.Fatalf("event %d came as number %d", e.ID, i+1)
		}
	}
}

// churn retries and cancels a job, and returns how many events that makes.
func churn(t *testing.T, s *store.Store, id job.ID) (int, error) {
	t.Helper()
	if err := s.Cancel(t.Context(), id); err != nil {
		return 0, err
	}
	return 2, s.Retry(t.Context(), id)
}

// Silence is interrupted by comments, which move the reader past what its filter leaves out.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	p := start(t, pgtest.Open(t, store.Migrations()))
	s, err := p.hub.Open(t.Context(), Start{}, store.EventFilter{Owner: "nobody"})
	if err != nil {
		t.Fatal(err)
	}
	s.beat = 5 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	var r reader
	over := make(chan error, 1)
	go func() { over <- s.Write(ctx, &r, nil) }()
	d := p.prices(t)
	if _, err := p.submit(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	servetest.Until(t, "the reader is past both events, of which it has none", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.last == "2" && r.beats > 1
	})
	stop()
	if err := <-over; err != nil || len(r.events) > 0 {
		t.Errorf("got %d events, %v", len(r.events), err)
	}
}

// A service that stops ends its streams.
func TestStreamsEndWithTheService(t *testing.T) {
	t.Parallel()
	p := start(t, pgtest.Open(t, store.Migrations()))
	s, err := p.hub.Open(t.Context(), Start{}, store.EventFilter{})
	if err != nil {
		t.Fatal(err)
	}
	closing := make(chan struct{})
	close(closing)
	if err := s.Write(t.Context(), &reader{}, closing); err != nil {
		t.Error(err)
	}
}

// When another database is restored under a running service, the streams end, and their readers hear
// of it when they come back.
func TestAnotherDatabase(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t, store.Migrations())
	p := start(t, pool)
	d := p.prices(t)
	for range 3 {
		if _, err := p.submit(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	var r reader
	over := make(chan error, 1)
	go func() { over <- r.follow(t.Context(), p, store.EventFilter{}, 0) }()
	servetest.Until(t, "it has all", func() bool { return r.seen() == 4 && p.hub.after(0).end == 4 })
	if _, err := pool.Exec(t.Context(), "WITH gone AS (DELETE FROM event WHERE position > 2) UPDATE event_log SET last = 2"); err != nil {
		t.Fatal(err)
	}
	p.hub.told <- struct{}{}
	if err := <-over; err != nil {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	go func() { over <- r.follow(ctx, p, store.EventFilter{}, 0) }()
	servetest.Until(t, "it hears of it", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.resets) == 1 && r.last == "2" })
	if _, err := p.submit(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	servetest.Until(t, "it goes on", func() bool { return r.seen() == 5 })
	stop()
	<-over
	if e := r.events[4]; e.ID != 3 {
		t.Errorf("got event %d", e.ID)
	}
}
