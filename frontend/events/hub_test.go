package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/serve/servetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

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

// Who waits for a job hears of an end that this process has recorded before it is numbered: nothing runs here.
func TestEndedWakesThoseWhoWait(t *testing.T) {
	t.Parallel()
	hub := NewHub(nil, slog.New(slog.DiscardHandler))
	first, leaveFirst := hub.Join("a")
	defer leaveFirst()
	second, leaveSecond := hub.Join("b")
	defer leaveSecond()
	hub.Ended("c", "a", "a")
	select {
	case <-first:
	default:
		t.Error("a job has ended, and nobody was told")
	}
	select {
	case <-second:
		t.Error("who waits for another job was told")
	default:
	}
	if hub.Waiting("a") != 0 || hub.Waiting("b") != 1 {
		t.Errorf("%d and %d wait, want 0 and 1", hub.Waiting("a"), hub.Waiting("b"))
	}
}
