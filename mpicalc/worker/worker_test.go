package worker_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/csv"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
	"foliocast/mpicalc/worker"
	"foliocast/queue/message"
)

// dataService serves one dataset, as the data service does.
type dataService struct {
	dataset job.Dataset
	body    []byte
	fetched atomic.Int64
	fault   func(n int64) ([]byte, error) // what to answer the n-th time instead
	rates   []byte                        // version 1 of the dataset fx
	x       map[string][]byte             // further columns of the dataset, by name
}

func (s *dataService) DatasetFile(_ context.Context, d job.Dataset, w io.Writer) error {
	n := s.fetched.Add(1)
	if d.Name == "fx" && d.Version == 1 && s.rates != nil {
		_, err := w.Write(s.rates)
		return err
	}
	if body := s.x[d.Column]; body != nil && d.Name == s.dataset.Name {
		_, err := w.Write(body)
		return err
	}
	if d.Name != s.dataset.Name || d.Version != s.dataset.Version || d.Column != s.dataset.Column {
		return problem.New(problem.NotFound, "no such dataset")
	}
	body := s.body
	if s.fault != nil {
		other, err := s.fault(n)
		if err != nil {
			return err
		}
		if other != nil {
			body = other
		}
	}
	_, err := w.Write(body)
	return err
}

// newDataService makes a dataset of the assets A0, A1, …, each a line with a wave.
func newDataService(t *testing.T, assets, length int) *dataService {
	t.Helper()
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for i := range assets {
		for k := range length {
			fmt.Fprintf(&b, "A%d,%d,%d\n", i, k, 100+i+2*k+(k*k)%7)
		}
	}
	d := &dataService{}
	d.body, d.dataset = storedAs(t, "waves", b.String())
	return d
}

// storedAs is the stored file of a dataset, and its version 1.
func storedAs(t *testing.T, name, text string) ([]byte, job.Dataset) {
	t.Helper()
	table, _, err := csv.Read([]byte(text), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := arrow.Write(&out, table); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(out.Bytes())
	return out.Bytes(), job.Dataset{Name: name, Version: 1, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(out.Len())}
}

// task asks for a forecast of some assets of the dataset.
func (s *dataService) task(id string, change func(*job.Spec)) job.Task {
	spec := job.Spec{Dataset: "waves@1", Assets: []string{"A0", "A1"}, Model: "drift", Horizon: 2, Levels: []float64{80}}
	if change != nil {
		change(&spec)
	}
	return job.Task{Job: job.ID(id), Spec: spec, Dataset: s.dataset}
}

// work runs a worker on two ranks until it ends by itself or ctx ends.
func work(ctx context.Context, t *testing.T, queue worker.Queue, s *dataService, config worker.Config) error {
	t.Helper()
	return workWith(ctx, t, queue, s, config, ranks{})
}

// ranks says what is special about the ranks of a test.
type ranks struct {
	lead  func(spmd.Comm) spmd.Comm // another communicator for rank 0
	pause time.Duration             // of every rank, for each series
}

func (r ranks) Forecast(dst *forecast.Result, s forecast.Series, m *forecast.Method) error {
	time.Sleep(r.pause)
	return forecast.New().Forecast(dst, s, m)
}

// workWith is work with special ranks.
func workWith(ctx context.Context, t *testing.T, queue worker.Queue, s *dataService, config worker.Config, special ranks) error {
	t.Helper()
	data, err := worker.NewDatasets("", t.TempDir(), 1<<30, s)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	config.Program = "test"
	if config.Name == "" {
		config.Name = "w1"
	}
	return workOn(ctx, t, 2, queue, data, config, special)
}

// workOn is a worker on a number of ranks.
func workOn(ctx context.Context, t *testing.T, size int, queue worker.Queue, data *worker.Datasets, config worker.Config, special ranks) error {
	t.Helper()
	each := spmd.Config{Write: portfolio.Write}
	if special.pause > 0 {
		each.Engine = func() spmd.Engine { return special }
	}
	return spmd.Local(size, func(c spmd.Comm) error {
		if c.Rank() > 0 {
			return spmd.Follow(c, each)
		}
		if special.lead != nil {
			c = special.lead(c)
		}
		leader, err := spmd.Lead(c, each)
		if err != nil {
			return err
		}
		return errors.Join(worker.Run(ctx, leader, queue, data, config), leader.Stop())
	})
}

func drain(t *testing.T, queue worker.Queue, s *dataService) {
	t.Helper()
	if err := work(t.Context(), t, queue, s, worker.Config{Drain: true}); err != nil {
		t.Fatal(err)
	}
}

func TestEveryJobIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 5, 40)
	var tasks []any
	for i := range 60 {
		tasks = append(tasks, s.task(fmt.Sprint(i), func(spec *job.Spec) { spec.Assets = []string{fmt.Sprintf("A%d", i%5)} }))
	}
	q := newFakeQueue(t, tasks...)
	drain(t, q, s)
	for i := range tasks {
		a := q.answer(i)
		if a.Job != job.ID(fmt.Sprint(i)) || a.State != job.Done || a.Overall == nil || a.Overall.Lo["80"] == nil || a.Provenance.Ranks != 2 {
			t.Errorf("answer %d: %+v", i, a)
		}
		if want := fmt.Sprintf("A%d", i%5); a.Assets[0].Asset != want {
			t.Errorf("answer %d is about %s, want %s", i, a.Assets[0].Asset, want)
		}
	}
	if n := s.fetched.Load(); n != 1 {
		t.Errorf("the dataset was fetched %d times, want once", n)
	}
}

func TestNothingIsLostWhenCallsFailAtRandom(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 3, 30)
	s.fault = func(n int64) ([]byte, error) {
		if n < 3 {
			return nil, errConnection
		}
		return nil, nil
	}
	var tasks []any
	for i := range 40 {
		tasks = append(tasks, s.task(fmt.Sprint(i), nil))
	}
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			q := newFakeQueue(t, tasks...)
			q.life = 1500 * time.Millisecond
			q.failAtRandom(seed)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			go func() {
				q.await("the end of all jobs", func() bool {
					for _, m := range q.messages {
						if len(m.ended) == 0 {
							return false
						}
					}
					return true
				})
				stop()
			}()
			if err := work(ctx, t, q, s, worker.Config{}); err != nil {
				t.Fatal(err)
			}
			for i := range tasks {
				if a := q.answer(i); a.State != job.Done {
					t.Errorf("answer %d: %+v", i, a)
				}
			}
		})
	}
}

// Leases are renewed in time however much the clocks differ.
func TestLeasesAreRenewedByTheirOwnTime(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-time.Hour, time.Hour} {
		s := newDataService(t, 2, 30)
		q := newFakeQueue(t, s.task("1", nil))
		q.life, q.skew = 3*time.Second, skew
		s.fault = func(int64) ([]byte, error) { // the job waits for its dataset until it was renewed
			q.await("a heartbeat", func() bool { return q.beats > 0 })
			return nil, nil
		}
		begin := time.Now()
		drain(t, q, s)
		if a := q.answer(0); a.State != job.Done {
			t.Errorf("skew %v: %+v", skew, a)
		}
		// By the clocks, a third of the lifetime would be 100 s, or 300 ms.
		if took := time.Since(begin); took < 900*time.Millisecond || took > time.Minute {
			t.Errorf("skew %v: renewed after %v, want a third of %v", skew, took, q.life)
		}
	}
}

func TestJobsThatCannotSucceedSayWhy(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	gone := s.task("gone", nil)
	gone.Dataset.Version = 9
	gone.Dataset.SHA256 = strings.Repeat("0", 64)
	tasks := []any{
		gone,
		s.task("unknown", func(spec *job.Spec) { spec.Assets = []string{"B"} }),
		s.task("empty", func(spec *job.Spec) { spec.From = "1000" }),
		"no task",
		s.task("invalid", func(spec *job.Spec) { spec.Horizon = -1 }),
	}
	q := newFakeQueue(t, tasks...)
	drain(t, q, s)
	for i, code := range []string{"dataset-gone", "unknown-asset", "empty-range"} {
		if a := q.answer(i); a.State != job.Failed || a.Error == nil || a.Error.Code != code || a.Error.Detail == "" {
			t.Errorf("answer %d: %+v with %+v, want failed with %s", i, a, a.Error, code)
		}
	}
	for i, want := range map[int]string{3: "cannot be read", 4: "horizon"} {
		if got := q.messages[i].ended; len(got) != 1 || !strings.Contains(got[0].Error, want) || got[0].Retryable {
			t.Errorf("message %d ended with %+v, want an error with %q", i, got, want)
		}
	}
}

func TestADatasetIsCheckedByItsChecksum(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrong int64 // how often another file comes
		state job.State
	}{"wrong once": {1, job.Done}, "wrong twice": {2, job.Failed}} {
		s := newDataService(t, 2, 30)
		s.fault = func(n int64) ([]byte, error) {
			if n <= c.wrong {
				return []byte("another file"), nil
			}
			return nil, nil
		}
		q := newFakeQueue(t, s.task("1", nil))
		drain(t, q, s)
		a := q.answer(0)
		if a.State != c.state || c.state == job.Failed && a.Error.Code != "dataset-changed" {
			t.Errorf("%s: %+v with %+v, want %s", name, a, a.Error, c.state)
		}
	}
}

func TestALargeAnswerGoesInParts(t *testing.T) {
	t.Parallel()
	const assets = 9000
	s := newDataService(t, assets, 12)
	q := newFakeQueue(t, s.task("large", func(spec *job.Spec) {
		spec.Assets, spec.Horizon, spec.Levels, spec.Model = []string{"*"}, 10, []float64{80, 95}, "naive"
	}))
	q.failAtRandom(3)
	q.life = 3 * time.Second
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		q.await("the answer", func() bool { return len(q.messages[0].ended) > 0 })
		stop()
	}()
	if err := work(ctx, t, q, s, worker.Config{}); err != nil {
		t.Fatal(err)
	}
	a := q.answer(0)
	if parts := len(q.messages[0].parts); parts < 2 {
		t.Errorf("the answer came in %d parts, want some", parts)
	}
	if len(a.Assets) != assets {
		t.Fatalf("%d assets in the answer, want %d", len(a.Assets), assets)
	}
	for i, asset := range a.Assets {
		if asset.Asset != fmt.Sprintf("A%d", i) || len(asset.Mean) != 10 {
			t.Fatalf("asset %d is %+v", i, asset)
		}
	}
}

// A queue that hands out jobs but takes no answers must not fill the worker's memory.
func TestAnswersThatCannotBeSentStopLeasing(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	var tasks []any
	for i := range 200 {
		tasks = append(tasks, s.task(fmt.Sprint(i), nil))
	}
	q := newFakeQueue(t, tasks...)
	leased, mended := 0, time.Now().Add(time.Second)
	q.fault = func(call string, after bool) error {
		if call != "complete" || after || time.Now().After(mended) {
			return nil
		}
		leased = 0
		for _, m := range q.messages {
			leased += m.leases
		}
		return problem.New(problem.Internal, "out of order")
	}
	if err := work(t.Context(), t, q, s, worker.Config{Drain: true, MaxBatch: 4}); err != nil {
		t.Fatal(err)
	}
	if leased > 20 { // four batches of answers, and one under way
		t.Errorf("%d jobs were leased while no answer could be sent", leased)
	}
	for i := range tasks {
		if a := q.answer(i); a.State != job.Done {
			t.Errorf("answer %d: %+v", i, a)
		}
	}
}

func TestARefusedResultBecomesAnError(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	q := newFakeQueue(t, s.task("a", nil), s.task("b", nil))
	drain(t, &refuser{q}, s)
	for i, m := range q.messages {
		if len(m.ended) != 1 || !strings.Contains(m.ended[0].Error, "too large for the queue") {
			t.Errorf("message %d ended with %+v, want the refusal", i, m.ended)
		}
	}
}

// refuser accepts errors and refuses results.
type refuser struct{ *fakeQueue }

func (r *refuser) Complete(ctx context.Context, all []message.Completion) ([]message.HeldVerdict, error) {
	for _, c := range all {
		if c.Result != nil {
			return nil, problem.New(problem.TooLarge, "too large for the queue")
		}
	}
	return r.fakeQueue.Complete(ctx, all)
}

func TestIdenticalJobsHaveIdenticalAnswers(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 4, 50)
	star := s.task("1", func(spec *job.Spec) { spec.Assets = []string{"*"}; spec.Levels = []float64{95, 80} })
	q := newFakeQueue(t, star, star)
	drain(t, q, s)
	a, b := q.answer(0), q.answer(1)
	a.Provenance, b.Provenance = job.Provenance{}, job.Provenance{}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two answers to one question (-first +second)\n%s", diff)
	}
	// drift continues with the mean step; A0 is 100 + 2k + (k² mod 7), so its last value is 198 and its first 100.
	if got, want := a.Assets[0].Mean[0], 198+98.0/49; got != want {
		t.Errorf("A0 continues with %v, want %v", got, want)
	}
}
