package e2e

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/internal/history"
)

// chaosShort are the faults of the short form, which together take some 20 seconds: one of
// each family.
var chaosShort = []string{"kill queue", "suspend rank 0", "lost answers: data service to queue", "terminate all backends", "queues added and removed", "cut: worker to queue"}

// TestChaos runs jobs while everything breaks, and has the history of it checked.
// FOLIOCAST_CHAOS, as make chaos sets it, has the number of jobs, that of faults and the
// seeds of the long form, which also sees that broken builds fail.
func TestChaos(t *testing.T) {
	t.Parallel()
	long := strings.Fields(os.Getenv("FOLIOCAST_CHAOS"))
	if len(long) < 3 {
		c := &chaosRun{seed: 1, jobs: 40}
		for _, f := range faults() {
			if slices.Contains(chaosShort, f.name) {
				c.faults = append(c.faults, f)
			}
		}
		c.run(t)
		return
	}
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("FOLIOCAST_CHAOS must be the number of jobs, that of faults, and seeds: %v", err)
		}
		return n
	}
	for _, seed := range long[2:] {
		t.Run("seed "+seed, func(t *testing.T) {
			c := &chaosRun{seed: uint64(number(seed)), jobs: number(long[0]), faults: draw(uint64(number(seed)), number(long[1]))}
			c.run(t)
		})
	}
	for _, b := range brokenBuilds() {
		t.Run(b.name, b.mustFail)
	}
}

// draw draws n faults: every kind before any comes again.
func draw(seed uint64, n int) []fault {
	random := rand.New(rand.NewPCG(seed, 1))
	var drawn []fault
	for len(drawn) < n {
		all := faults()
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		drawn = append(drawn, all[:min(len(all), n-len(drawn))]...)
	}
	return drawn
}

// chaosRun is one run of chaos.
type chaosRun struct {
	seed     uint64
	jobs     int
	faults   []fault
	slow     int               // one job in so many takes long; 0 means 10
	programs map[string]string // that replace the built ones
	want     func(t *testing.T, violations []string)
}

// run makes the faults one after the other while users submit jobs, and checks the history.
func (r *chaosRun) run(t *testing.T) {
	path := filepath.Join(cmp.Or(os.Getenv("FOLIOCAST_CHAOS_DIR"), os.TempDir()), fmt.Sprintf("foliocast-%s-%d-%d.jsonl", strings.NewReplacer("/", "-", " ", "-").Replace(strings.ToLower(t.Name())), r.seed, os.Getpid()))
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	t.Logf("seed %d, %d jobs, %d faults; the history is %s", r.seed, r.jobs, len(r.faults), path)
	h := &record{Writer: history.NewWriter(file), begun: time.Now()}
	h.Add(history.Event{Kind: history.Begin, Seed: r.seed, Attempts: chaosAttempts})
	c := startChaos(t, h, r.programs)
	c.slow = cmp.Or(r.slow, 10)
	files := c.addData(t)
	feed := &feedReader{chaos: c}
	stop := c.follow(t, feed)
	users := c.work(t, r.seed, 20)
	probe := &client{chaos: c, name: "probe", random: rand.New(rand.NewPCG(r.seed, 2))}
	jobs, random := 0, rand.New(rand.NewPCG(r.seed, 3))
	for i, f := range r.faults {
		for ; jobs < r.jobs*(i+1)/len(r.faults); jobs++ {
			users.permits <- jobs
		}
		lasts(random, 100*time.Millisecond, 500*time.Millisecond) // until some are under way
		e := history.Event{Kind: history.Fault, Fault: f.name, Begin: c.now()}
		f.make(t, c, random)
		e.End = c.now()
		e.Recovered = probe.probe(t, i)
		c.Add(e)
		t.Logf("%-40s over after %5.1f s", f.name, float64(e.Recovered)/1e6)
	}
	close(users.permits)
	users.wait.Wait()
	c.walk(t)
	stop()
	c.finish(t, feed, files)
	stop()
	r.judge(t, c, file)
}

// probe submits a job and returns in how many microseconds it was done, or -1.
func (c *client) probe(t testing.TB, number int) int64 {
	begin := c.now()
	spec := c.spec(number)
	r := &request{method: "POST", path: "/v1/jobs", body: spec}
	r.Op, r.Client, r.Key, r.Spec = history.Submit, c.name, fmt.Sprintf("probe %d", number), text(spec)
	r.header = map[string][]string{"Idempotency-Key": {r.Key}}
	if !c.insist(t, r) || r.Job == "" || c.watch(t, r.Job) != "done" {
		return -1
	}
	return c.now() - begin
}

// follow reads the feed and the list in the background. The first call of stop ends the
// reading of lists, the second that of the feed.
func (c *chaos) follow(t *testing.T, feed *feedReader) (stop func()) {
	var group sync.WaitGroup
	reading, endReading := context.WithCancel(t.Context())
	walking, endWalking := context.WithCancel(t.Context())
	group.Go(func() { feed.read(reading) })
	walks := make(chan bool)
	go func() {
		defer close(walks)
		for walking.Err() == nil {
			c.walk(t)
			select {
			case <-walking.Done():
			case <-time.After(2 * time.Second):
			}
		}
	}()
	t.Cleanup(endReading)
	t.Cleanup(endWalking)
	return func() {
		if walking.Err() == nil {
			endWalking()
			<-walks
			return
		}
		endReading()
		group.Wait()
	}
}

// judge closes the history, checks it, and reports how long each kind of fault took.
func (r *chaosRun) judge(t *testing.T, c *chaos, file *os.File) {
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	events, err := history.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d lines\n%s", len(events), recoveries(events))
	violations := append(history.Check(events), replay(t, events)...)
	if r.want != nil {
		r.want(t, violations)
		return
	}
	for _, v := range violations[:min(len(violations), 50)] {
		t.Error(v)
	}
	if len(violations) > 0 {
		t.Errorf("%d violations in %s", len(violations), file.Name())
	} else if !t.Failed() && os.Getenv("FOLIOCAST_CHAOS_DIR") == "" {
		os.Remove(file.Name())
	}
}

// recoveries is the table of how long each kind of fault took to be over, as Markdown.
func recoveries(events []history.Event) string {
	times := map[string][]float64{}
	for _, e := range events {
		if e.Kind == history.Fault {
			times[e.Fault] = append(times[e.Fault], float64(e.Recovered)/1e6)
		}
	}
	var b strings.Builder
	b.WriteString("| fault | times | median, s | worst, s |\n|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(times)) {
		all := slices.Sorted(slices.Values(times[name]))
		fmt.Fprintf(&b, "| %s | %d | %.1f | %.1f |\n", name, len(all), all[len(all)/2], all[len(all)-1])
	}
	return b.String()
}
