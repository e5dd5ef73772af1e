package api

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// spec is a good job about smallCSV.
func spec() job.Spec {
	return job.Spec{Dataset: "prices", Assets: []string{"DAX", "FTSE"}, Horizon: 2}
}

// submit sends a job about the dataset prices, which must be there.
func (s *service) submit() client.Snapshot {
	s.Helper()
	j, err := s.as(auth.Manager).CreateJob(s.Context(), spec(), "")
	if err != nil {
		s.Fatal(err)
	}
	return j
}

// deliver runs the relay and the events for as long as the test.
func (s *service) deliver() {
	s.Helper()
	s.hear()
	s.run(s.api.backend.Load().Relay.Run)
}

// hear runs the events for as long as the test.
func (s *service) hear() { s.run(s.api.backend.Load().Events.Run) }

func (s *service) run(loop func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { defer close(over); loop(ctx) }()
	s.Cleanup(func() { stop(); <-over })
}

// sent waits until the queue has a job.
func (s *service) sent(id job.ID) {
	s.Helper()
	servetest.Until(s.TB, "the queue has the job", func() bool {
		for _, k := range s.queue.Keys() {
			if k == string(id) {
				return true
			}
		}
		return false
	})
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	s := newService(t)
	d := s.upload("prices", smallCSV)
	got := s.send("POST", "/v1/jobs", `{"dataset":"prices","assets":["DAX"],"horizon":3}`, "Content-Type", "application/json")
	if got.status != http.StatusCreated || got.header.Get("ETag") != `"1"` || !strings.HasPrefix(got.header.Get("Location"), "/v1/jobs/") {
		t.Fatalf("got %d, %v: %s", got.status, got.header, got.body)
	}
	j, err := s.as(auth.Manager).Job(t.Context(), job.ID(strings.TrimPrefix(got.header.Get("Location"), "/v1/jobs/")))
	if err != nil {
		t.Fatal(err)
	}
	want := job.Spec{Dataset: "prices", Assets: []string{"DAX"}, Horizon: 3}.Defaulted()
	if diff := cmp.Diff(want, j.Spec); diff != "" {
		t.Error(diff)
	}
	if j.State != job.Queued || j.Owner != "tester" || j.Dataset != d.Dataset || j.ETag != `"1"` {
		t.Errorf("got %+v", j)
	}
}

func TestJobKeepsItsVersion(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first := s.upload("prices", smallCSV)
	old := s.submit()
	second := s.upload("prices", smallCSV+"FTSE,2024-01-04,8\n")
	pinned := spec()
	pinned.Dataset = "prices@1"
	again, err := s.as(auth.Manager).CreateJob(t.Context(), pinned, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ got, want job.Dataset }{
		"made before": {old.Dataset, first.Dataset}, "newest": {s.submit().Dataset, second.Dataset}, "named": {again.Dataset, first.Dataset},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, c.got, c.want)
		}
	}
}

// Another process has added a version: a job on an asset that only this version has is valid.
func TestJobOnANewVersion(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	s.submit() // now the version is remembered
	other := store.New(s.pool)
	mine := *s.api.backend.Load()
	b := mine
	b.Store = other
	s.api.Attach(b)
	s.upload("prices", smallCSV+"SMI,2024-01-03,1\n")
	s.api.Attach(mine)
	if got := s.submit().Dataset.Version; got != 2 {
		t.Errorf("got version %d, want 2", got)
	}
	s.api.Attach(b)
	s.upload("prices", smallCSV+"CAC,2024-01-03,1\n")
	s.api.Attach(mine)
	fresh := spec()
	fresh.Assets = []string{"CAC"}
	if _, err := s.as(auth.Manager).CreateJob(t.Context(), fresh, ""); err != nil {
		t.Error(err)
	}
}

func TestJobsWithFaults(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	for name, c := range map[string]struct {
		body     string
		status   int
		pointers []string
	}{
		"all at once":          {`{"dataset":"prices","assets":["DAX","X","","DAX","Y"],"horizon":0,"weights":{"DAX":-1,"A/B.C":1},"levels":[0,80,80],"season":[1],"from":"soon","x":1}`, 422, []string{"/assets/1", "/assets/2", "/assets/3", "/assets/4", "/from", "/horizon", "/levels/0", "/levels/2", "/season/0", "/weights", "/weights/A~1B.C", "/weights/DAX", "/x"}},
		"an empty object":      {`{}`, 422, []string{"/assets", "/dataset", "/horizon"}},
		"no JSON":              {`{"dataset":`, 400, []string{""}},
		"another type":         {`[]`, 422, []string{""}},
		"wrong types":          {`{"dataset":1,"assets":"DAX","horizon":"5"}`, 422, []string{"/assets", "/dataset", "/horizon"}},
		"no such dataset":      {`{"dataset":"none","assets":["A"],"horizon":1}`, 422, []string{"/dataset"}},
		"no such version":      {`{"dataset":"prices@7","assets":["A"],"horizon":1}`, 422, []string{"/dataset"}},
		"no assets":            {`{"dataset":"prices","assets":[],"horizon":1}`, 422, []string{"/assets"}},
		"unknown assets":       {`{"dataset":"prices","assets":["SMI","DAX","CAC"],"horizon":1}`, 422, []string{"/assets/0", "/assets/2"}},
		"a star among others":  {`{"dataset":"prices","assets":["*","DAX"],"horizon":1}`, 422, []string{"/assets/0"}},
		"weights for a star":   {`{"dataset":"prices","assets":["*"],"horizon":1,"weights":{"DAX":1,"SMI":1}}`, 422, []string{"/weights", "/weights/SMI"}},
		"weights of words":     {`{"dataset":"prices","assets":["DAX"],"horizon":1,"weights":{"DAX":"much","A.B":true}}`, 422, []string{"/weights"}},
		"weights of zero":      {`{"dataset":"prices","assets":["DAX"],"horizon":1,"weights":{"DAX":0}}`, 422, []string{"/weights"}},
		"a weight missing":     {`{"dataset":"prices","assets":["DAX","FTSE"],"horizon":1,"weights":{"DAX":1}}`, 422, []string{"/weights"}},
		"a range after":        {`{"dataset":"prices","assets":["DAX"],"horizon":1,"from":"2030-01-01"}`, 422, []string{"/from"}},
		"a range before":       {`{"dataset":"prices","assets":["DAX"],"horizon":1,"to":"1999-01-01"}`, 422, []string{"/to"}},
		"a range upside down":  {`{"dataset":"prices","assets":["DAX"],"horizon":1,"from":"2024-01-03","to":"2024-01-01"}`, 422, []string{"/to"}},
		"a range of steps":     {`{"dataset":"prices","assets":["DAX"],"horizon":1,"from":"7"}`, 422, []string{"/from"}},
		"hours of dates":       {`{"dataset":"prices","assets":["DAX"],"horizon":1,"freq":"H"}`, 422, []string{"/freq"}},
		"levels as shares":     {`{"dataset":"prices","assets":["DAX"],"horizon":1,"levels":[80,0.95]}`, 422, []string{"/levels/1"}},
		"quantiles, faulty":    {`{"dataset":"prices","assets":["DAX"],"horizon":1,"quantiles":[0.1,90,0.1,0]}`, 422, []string{"/quantiles/1", "/quantiles/2", "/quantiles/3"}},
		"quantiles of words":   {`{"dataset":"prices","assets":["DAX"],"horizon":1,"quantiles":["0.1"]}`, 422, []string{"/quantiles/0"}},
		"one quantile":         {`{"dataset":"prices","assets":["DAX"],"horizon":1,"quantiles":0.1}`, 422, []string{"/quantiles"}},
		"too many quantiles":   {`{"dataset":"prices","assets":["DAX"],"horizon":1,"quantiles":[` + hundred() + `]}`, 422, []string{"/quantiles"}},
		"a mode":               {`{"dataset":"prices","assets":["DAX"],"horizon":1,"point":"mode"}`, 422, []string{"/point"}},
		"integers as a number": {`{"dataset":"prices","assets":["DAX"],"horizon":1,"integers":1}`, 422, []string{"/integers"}},
		"explain in words":     {`{"dataset":"prices","assets":["DAX"],"horizon":1,"explain":"yes"}`, 422, []string{"/explain"}},
		"half a horizon":       {`{"dataset":"prices","assets":["DAX"],"horizon":1.5}`, 422, []string{"/horizon"}},
		"a horizon beyond int": {`{"dataset":"prices","assets":["DAX"],"horizon":1e300}`, 422, []string{"/horizon"}},
		"NUL":                  {`{"dataset":"prices","assets":["D\u0000"],"horizon":1,"to":"\u0000"}`, 422, []string{"/assets/0", "/to"}},
	} {
		got := s.send("POST", "/v1/jobs", c.body, "Content-Type", "application/json")
		if got.status != c.status {
			t.Errorf("%s: got %d: %s", name, got.status, got.body)
		}
		pointers := map[string]bool{}
		for _, p := range got.pointers() {
			pointers[p] = true
		}
		want := map[string]bool{}
		for _, p := range c.pointers {
			want[p] = true
		}
		if said := got.pointers(); len(c.pointers) == 1 && len(said) != 1 {
			t.Errorf("%s: one fault is reported %d times: %s", name, len(said), got.body)
		}
		if d := cmp.Diff(want, pointers); d != "" {
			t.Errorf("%s: %s\n%s", name, d, got.body)
		}
	}
	if got := s.send("POST", "/v1/jobs", strings.Repeat(" ", maxJob+1), "Content-Type", "application/json"); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: got %d: %s", got.status, got.body)
	}
	if got := s.send("POST", "/v1/jobs", "a=b", "Content-Type", "text/plain"); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("another media type: got %d: %s", got.status, got.body)
	}
	page, err := s.as(auth.Manager).JobsPage(t.Context(), client.JobFilter{}, "", 0)
	if err != nil || len(page.Items) > 0 {
		t.Errorf("jobs with faults were taken: %+v, %v", page, err)
	}
}

// hundred are a hundred probabilities.
func hundred() string {
	var all []string
	for i := range 100 {
		all = append(all, fmt.Sprintf("0.%03d", i+1))
	}
	return strings.Join(all, ",")
}

// How many assets a star means is known by the dataset alone.
func TestAnAnswerThatWouldBeTooLarge(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for i := range 25_000 {
		fmt.Fprintf(&b, "A%d,1,5\n", i)
	}
	s.upload("many", b.String())
	quantiles := hundred()[len("0.001,"):]
	for horizon, want := range map[int]int{67: http.StatusUnprocessableEntity, 66: http.StatusCreated} { // 25,000 assets with 120 numbers a step: 201 × 10⁶ and 198 × 10⁶
		body := fmt.Sprintf(`{"dataset":"many","assets":["*"],"horizon":%d,"levels":[50,60,70,80,90,91,92,93,94,95],"quantiles":[%s]}`, horizon, quantiles)
		got := s.send("POST", "/v1/jobs", body, "Content-Type", "application/json")
		if got.status != want || want != http.StatusCreated && !slices.Equal(got.pointers(), []string{"/quantiles"}) {
			t.Errorf("horizon %d: got %d: %s", horizon, got.status, got.body)
		}
	}
}

func TestRangeWithoutValues(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV+"FTSE,2024-02-01,8\n")
	late := spec()
	late.Assets, late.From = []string{"DAX"}, "2024-01-15"
	_, err := s.as(auth.Manager).CreateJob(t.Context(), late, "")
	p, ok := err.(*problem.Problem)
	if !ok || len(p.Faults) != 1 || p.Faults[0].Pointer != "/from" {
		t.Errorf("got %v", err)
	}
	late.Assets = []string{"DAX", "FTSE"}
	if _, err := s.as(auth.Manager).CreateJob(t.Context(), late, ""); err != nil {
		t.Errorf("one of them has a value: %v", err)
	}
}

func TestUnknownAssetsAreListedUpToALimit(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	many := spec()
	many.Assets = nil
	for i := range problem.MaxFaults + 15_900 {
		many.Assets = append(many.Assets, fmt.Sprint("x", i))
	}
	_, err := s.as(auth.Manager).CreateJob(t.Context(), many, "")
	p, ok := err.(*problem.Problem)
	if !ok || len(p.Faults) != problem.MaxFaults+1 || p.Faults[problem.MaxFaults].Detail != "and 15,900 more that are not listed" {
		t.Errorf("got %.200v", err)
	}
}

// A body of 4 MB of wrong items was answered with 115 MB, after 14 s and 1.5 GB.
//
// Not parallel: it compares the memory and the time of the processor of the whole process.
func TestBodiesOfWrongItems(t *testing.T) {
	s := newService(t)
	s.upload("prices", smallCSV)
	many := strings.Repeat("1,", 90_000) + "1"
	for name, c := range map[string]struct{ body, want string }{
		"2 million items":  {`{"dataset":"prices","horizon":1,"assets":[` + strings.Repeat("1,", 2<<20) + `1]}`, "has more than 500000 values"},
		"90,001 items":     {`{"dataset":"prices","horizon":1,"assets":[` + many + `]}`, "and 89,901 more that are not listed"},
		"too many items":   {`{"dataset":"prices","horizon":1,"assets":[` + many + "," + many + `]}`, "must have at most 100000 items"},
		"too many weights": {`{"dataset":"prices","horizon":1,"assets":["*"],"weights":{` + named(100_001) + `}}`, "must name at most 100000 assets, names 100001"},
		"unknown weights":  {`{"dataset":"prices","horizon":1,"assets":["DAX"],"weights":{` + named(90_000) + `}}`, "more that are not listed"},
		"unknown fields":   {`{"dataset":"prices","horizon":1,"assets":["DAX"],` + named(90_000) + `}`, "has 90003 fields, and there are"},
		"empty names":      {`{"dataset":"prices","horizon":1,"assets":[` + strings.Repeat(`"",`, 90_000) + `""]}`, "more that are not listed"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := cpuTime(t)
		got := s.send("POST", "/v1/jobs", c.body, "Content-Type", "application/json")
		took := cpuTime(t) - start
		runtime.ReadMemStats(&after)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: got %d, %.500s, want 422 that says %q", name, got.status, got.body, c.want)
		}
		if n := len(got.body); n > 100_000 {
			t.Errorf("%s: the answer has %d bytes", name, n)
		}
		// The client of the test makes copies of the body, too.
		if n := after.TotalAlloc - before.TotalAlloc; n > 150<<20 || took > 3*time.Second {
			t.Errorf("%s: a body of %d bytes took %d bytes of memory and %v of the processor", name, len(c.body), n, took)
		}
	}
}

// cpuTime is the time of the processor that the process has taken, which other work on the machine does not lengthen.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// named is the inside of an object of numbers.
func named(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"x%d":1`, i)
	}
	return b.String()[1:]
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	// Every token of the issuer has a subject of its own: one client is one user.
	mine := s.as(auth.Manager)
	first, err := mine.CreateJob(t.Context(), spec(), "my key, größer")
	if err != nil {
		t.Fatal(err)
	}
	again, err := mine.CreateJob(t.Context(), spec(), "my key, größer")
	if err != nil || again.ID != first.ID || again.ETag != first.ETag {
		t.Errorf("the same again: got %s, %v, want %s", again.ID, err, first.ID)
	}
	other := spec()
	other.Horizon = 9
	if _, err := mine.CreateJob(t.Context(), other, "my key, größer"); !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), "Idempotency-Key") {
		t.Errorf("another job under the key: got %v", err)
	}
	if theirs, err := s.as(auth.Manager).CreateJob(t.Context(), spec(), "my key, größer"); err != nil || theirs.ID == first.ID {
		t.Errorf("another user's key: got %s, %v", theirs.ID, err)
	}
	// The dataset has lost an asset since: an accepted job stays accepted.
	s.upload("prices", strings.Split(smallCSV, "FTSE")[0])
	again, err = mine.CreateJob(t.Context(), spec(), "my key, größer")
	if err != nil || again.ID != first.ID {
		t.Errorf("after the dataset changed: got %s, %v", again.ID, err)
	}
	if _, err := mine.CreateJob(t.Context(), spec(), "new key"); !problem.Is(err, problem.Invalid) {
		t.Errorf("a new job about a lost asset: got %v", err)
	}
}

func TestManagersShareTheJobs(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	j := s.submit()
	if got, err := s.as(auth.Manager).CancelJob(t.Context(), j.ID); err != nil || got.State != job.Cancelled {
		t.Errorf("another manager cancels: got %s, %v", got.State, err)
	}
	if _, err := s.as(auth.Secretary).Job(t.Context(), j.ID); !problem.Is(err, problem.Forbidden) {
		t.Errorf("a secretary looks: got %v", err)
	}
}
