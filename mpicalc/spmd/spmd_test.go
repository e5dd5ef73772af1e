package spmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"weak"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// book is a Workload that records every bit of every answer.
type book struct {
	series []spmd.Series
	bytes.Buffer
	taken  []int
	errors int // rolling-origin errors of series that did not want any
	faults map[int]string
	fail   int // the series whose Take fails; -1 for none
}

func newBook(series ...spmd.Series) *book {
	return &book{series: series, fail: -1, faults: map[int]string{}}
}

func (b *book) Len() int                 { return len(b.series) }
func (b *book) Series(i int) spmd.Series { return b.series[i] }

var errTake = errors.New("no room for the answer")

func (b *book) Take(i int, r *forecast.Result, err error) error {
	b.taken = append(b.taken, i)
	if i == b.fail {
		return errTake
	}
	if err != nil {
		b.faults[i] = err.(*spmd.SeriesError).Code
		fmt.Fprintf(b, "%d %v\n", i, err)
		return nil
	}
	if !b.series[i].WantErrors {
		b.errors += len(r.Errors.Data)
	}
	fmt.Fprintf(b, "%d %s %s %q %q %v %v %d\n", i, r.Model, r.Point, r.Fallback, r.Note, r.Seasons, r.Members, r.Origins)
	fmt.Fprintf(b, "%x %d %x\n", r.Coefficients, len(r.Coefficients), r.Parts)
	for _, row := range slices.Concat([][]float64{r.Mean, {r.Skill}, r.Errors.Data, r.Average, r.Paths}, r.Lo, r.Hi, r.Quantiles) {
		for _, v := range row {
			fmt.Fprintf(b, "%x ", math.Float64bits(v))
		}
	}
	return nil
}

// walks are n random walks of unequal length, some of them empty or not finite.
func walks(n int, o *forecast.Options) []spmd.Series {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	all := make([]spmd.Series, n)
	for i := range all {
		values := make([]float64, random.IntN(120))
		level := 100.0
		for t := range values {
			level += random.NormFloat64()
			values[t] = level + float64(t%7)
		}
		if len(values) > 0 && i%17 == 5 {
			values[len(values)/2] = math.Inf(1)
		}
		all[i] = spmd.Series{Series: forecast.Series{Values: values}, Options: o, WantErrors: i%2 == 0}
	}
	return all
}

// regressors are k regressors of n numbers.
func regressors(n, k int) [][]float64 {
	all := make([][]float64, k)
	for i := range all {
		for t := range n {
			all[i] = append(all[i], float64(t*t*(i+3)%11))
		}
	}
	return all
}

// world runs lead at rank 0 of a world of n ranks, and the others follow.
func world(t *testing.T, n int, c spmd.Config, lead func(*spmd.Leader) error) {
	t.Helper()
	err := spmd.Local(n, func(comm spmd.Comm) error {
		if comm.Rank() != 0 {
			return spmd.Follow(comm, c)
		}
		l, err := spmd.Lead(comm, c)
		if err != nil {
			return err
		}
		l.DealSeries()
		return errors.Join(lead(l), l.Stop())
	})
	if err != nil {
		t.Fatalf("%d ranks: %v", n, err)
	}
}

func TestEveryNumberOfRanksAndThreadsGivesTheSameBits(t *testing.T) {
	t.Parallel()
	levels := &forecast.Options{Model: "drift", Horizon: 3, Levels: []float64{80, 95}, Step: 7 * 24 * time.Hour, Periods: []int{52}}
	season := &forecast.Options{Model: "seasonal-naive", Horizon: 5, Seasons: []int{7}, Levels: []float64{99.5}}
	auto := &forecast.Options{Model: "auto", Horizon: 4, Levels: []float64{80}, Quantiles: []float64{0.025, 0.5}, Point: forecast.Mean, Integers: true, Explain: true, Paths: 5, Seed: 3}
	point := &forecast.Options{Model: "trend", Horizon: 1, Levels: []float64{}}
	series := slices.Concat(walks(30, levels), walks(25, season), walks(20, point), walks(12, auto))
	for i := range series {
		if s := &series[i]; i%3 == 0 && len(s.Values) > 20 {
			s.Skips, s.Ends = []forecast.Skip{{At: 7, Count: 1}, {At: int32(len(s.Values)), Count: 2}}, []int{len(s.Values) - 1, 9, 1}
			s.WalkEnds, s.WalkStride = []int{len(s.Values) - 1, len(s.Values) - 3, 5}, 2
		}
		if s := &series[i]; i%5 == 1 {
			s.Regressors = regressors(len(s.Values)+s.Options.Horizon, i%4)
		}
	}
	var want string
	for _, ranks := range []int{1, 2, 3, 7} {
		for _, threads := range []int{1, 3} {
			got := newBook(series...)
			world(t, ranks, spmd.Config{Threads: threads}, func(l *spmd.Leader) error {
				_, err := l.Run(got)
				return err
			})
			if want == "" {
				want = got.String()
			}
			if got.String() != want {
				t.Errorf("%d ranks of %d threads give other bits than 1 rank of 1 thread", ranks, threads)
			}
			if got.errors != 0 {
				t.Errorf("%d ranks: %d errors that were not wanted", ranks, got.errors)
			}
			if len(got.taken) != len(series) || !slices.IsSorted(got.taken) {
				t.Errorf("%d ranks: took %v, want every series once and in order", ranks, got.taken)
			}
		}
	}
}

// A job may be as large as memory allows: what the leader kept of it would add to the next one.
func TestALeaderKeepsNoWorkloadThatHasEnded(t *testing.T) {
	t.Parallel()
	kept := &spmd.File{Path: "nowhere", SHA256: "0"}
	for _, ranks := range []int{1, 3} {
		world(t, ranks, spmd.Config{Threads: 2, CacheBytes: 1 << 20}, func(l *spmd.Leader) error {
			left := func() (workload weak.Pointer[book], values []weak.Pointer[float64], err error) {
				o := &forecast.Options{Model: "auto", Horizon: 2}
				b := newBook(walks(9, o)...)
				for i := range b.series {
					b.series[i].Values = make([]float64, 50)
					b.series[i].In = spmd.Ref{File: kept, Asset: i}
					values = append(values, weak.Make(&b.series[i].Values[0]))
				}
				_, err = l.Run(b)
				return weak.Make(b), values, err
			}
			for range 2 { // the answers of the second one are cached
				workload, values, err := left()
				if err != nil {
					return err
				}
				runtime.GC()
				held := 0
				for _, v := range values {
					if v.Value() != nil {
						held++
					}
				}
				// Each thread may hold the series that it fitted last.
				if workload.Value() != nil || held > 2 {
					t.Errorf("%d ranks: a workload that has ended (%v) or %d of its series are still in memory", ranks, workload.Value() != nil, held)
				}
			}
			return nil
		})
	}
}

func TestSeriesThatCannotBeForecastHaveAFault(t *testing.T) {
	t.Parallel()
	o := &forecast.Options{Model: "naive", Horizon: 1}
	b := newBook(
		spmd.Series{Series: forecast.Series{Values: []float64{1, 2}}, Options: o},
		spmd.Series{Options: o},
		spmd.Series{Series: forecast.Series{Values: []float64{1, math.NaN()}}, Options: o},
	)
	world(t, 2, spmd.Config{}, func(l *spmd.Leader) error {
		_, err := l.Run(b)
		return err
	})
	if len(b.faults) != 2 || b.faults[1] != "empty" || b.faults[2] != "not-finite" {
		t.Errorf("faults %v, want 1 empty and 2 not-finite", b.faults)
	}
}

// A series on which the program panics, as it does for ends beyond the series, has a fault, and the others have answers.
func TestAPanicIsTheFaultOfItsSeries(t *testing.T) {
	t.Parallel()
	o := &forecast.Options{Model: "auto", Horizon: 1, Levels: []float64{80}}
	good := spmd.Series{Series: forecast.Series{Values: []float64{1, 2, 4, 3, 5, 4, 6}}, Options: o, WantErrors: true}
	bad := good
	bad.Ends = []int{99}
	var want string
	for _, ranks := range []int{1, 2, 3} {
		for _, threads := range []int{1, 2} {
			b := newBook(good, bad, good, bad, good)
			world(t, ranks, spmd.Config{Threads: threads}, func(l *spmd.Leader) error {
				_, err := l.Run(b)
				return err
			})
			if len(b.faults) != 2 || b.faults[1] != "internal" || b.faults[3] != "internal" || len(b.taken) != 5 {
				t.Errorf("%d ranks of %d threads: faults %v of %d series, want 1 and 3 internal of 5", ranks, threads, b.faults, len(b.taken))
			}
			if want == "" {
				want = b.String()
			}
			if b.String() != want {
				t.Errorf("%d ranks of %d threads give other bits", ranks, threads)
			}
			if strings.Count(b.String(), "the model auto failed on the series: ") != 2 || strings.Contains(b.String(), "goroutine") {
				t.Errorf("the faults do not name the model, or have a stack:\n%s", b.String())
			}
		}
	}
}

func TestAddRefusesInvalidOptions(t *testing.T) {
	t.Parallel()
	world(t, 2, spmd.Config{}, func(l *spmd.Leader) error {
		for name, o := range map[string]*forecast.Options{"nil": nil, "horizon": {Model: "naive"}} {
			if err := l.Add(newBook(spmd.Series{Options: o})); err == nil {
				t.Errorf("%s: Add took options that are not valid", name)
			}
		}
		return nil
	})
}

func TestATakeThatFailsEndsItsWorkloadAlone(t *testing.T) {
	t.Parallel()
	o := &forecast.Options{Model: "naive", Horizon: 1}
	bad, good := newBook(walks(20, o)...), newBook(walks(20, o)...)
	bad.fail = 3
	world(t, 3, spmd.Config{}, func(l *spmd.Leader) error {
		ended, err := l.Run(bad, good)
		if len(ended) != 2 {
			t.Errorf("%d workloads ended, want 2", len(ended))
		}
		for _, e := range ended {
			if e.Workload == bad && !errors.Is(e.Err, errTake) || e.Workload == good && e.Err != nil {
				t.Errorf("ended with %v", e.Err)
			}
		}
		return err
	})
	if len(bad.taken) != 4 || len(good.taken) != 20 {
		t.Errorf("took %d and %d, want 4 and 20", len(bad.taken), len(good.taken))
	}
}

func TestAWorkloadWithoutSeriesEnds(t *testing.T) {
	t.Parallel()
	world(t, 2, spmd.Config{}, func(l *spmd.Leader) error {
		ended, err := l.Run(newBook())
		if len(ended) != 1 {
			t.Errorf("%d workloads ended, want 1", len(ended))
		}
		return err
	})
}

// firstEnd steps until a workload ends.
func firstEnd(l *spmd.Leader) (ended []spmd.Outcome, err error) {
	for len(ended) == 0 && err == nil {
		ended, err = l.Step()
	}
	return ended, err
}

func TestASmallWorkloadDoesNotWaitForALargeOne(t *testing.T) {
	t.Parallel()
	o := &forecast.Options{Model: "auto", Horizon: 1}
	values := make([]float64, 500)
	many := slices.Repeat([]spmd.Series{{Series: forecast.Series{Values: values}, Options: o}}, 5000)
	large, second := newBook(many...), newBook(many...)
	small := newBook(spmd.Series{Series: forecast.Series{Values: values}, Options: o})
	world(t, 2, spmd.Config{}, func(l *spmd.Leader) error {
		if err := errors.Join(l.Add(large), l.Add(second), l.Add(small)); err != nil {
			return err
		}
		ended, err := firstEnd(l)
		if len(ended) != 1 || ended[0].Workload != small {
			t.Errorf("%d workloads ended first, want the small one", len(ended))
		}
		if n := len(large.taken); n == 0 || n > 4000 {
			t.Errorf("the large workload took %d of 5000 meanwhile, want some and not nearly all", n)
		}
		err = errors.Join(err, l.Drop(large), l.Drop(second))
		if l.Busy() {
			t.Error("busy with a workload that was dropped")
		}
		return err
	})
}

// Small workloads that keep coming must not hold up a large one for ever.
func TestTheOldestWorkloadAlwaysMakesProgress(t *testing.T) {
	t.Parallel()
	o := &forecast.Options{Model: "auto", Horizon: 1}
	values := make([]float64, 50)
	large := newBook(slices.Repeat([]spmd.Series{{Series: forecast.Series{Values: values}, Options: o}}, 1000)...)
	world(t, 2, spmd.Config{}, func(l *spmd.Leader) error {
		if err := l.Add(large); err != nil {
			return err
		}
		for range 1000 {
			if err := l.Add(newBook(spmd.Series{Series: forecast.Series{Values: values}, Options: o})); err != nil {
				return err
			}
		}
		ended, err := firstEnd(l)
		for small := len(ended); small < 500 && err == nil; small += len(ended) {
			ended, err = firstEnd(l)
		}
		if n := len(large.taken); n < 200 {
			t.Errorf("%d series of the oldest workload were taken while 500 small ones ended, want about as many", n)
		}
		return err
	})
}

func TestAnOutcomeHasTheTimeOfFitting(t *testing.T) {
	t.Parallel()
	o := &forecast.Options{Model: "auto", Horizon: 1}
	for _, ranks := range []int{1, 3} {
		world(t, ranks, spmd.Config{}, func(l *spmd.Leader) error {
			ended, err := l.Run(newBook(walks(20, o)...))
			if len(ended) != 1 || ended[0].Seconds.Fit <= 0 {
				t.Errorf("%d ranks: %+v, want one outcome whose fitting took some time", ranks, ended)
			}
			return err
		})
	}
}

func TestHostsAreNamedOnce(t *testing.T) {
	t.Parallel()
	err := spmd.Local(4, func(comm spmd.Comm) error {
		c := spmd.Config{Host: fmt.Sprintf("node%d", comm.Rank()/2)}
		if comm.Rank() != 0 {
			return spmd.Follow(comm, c)
		}
		l, err := spmd.Lead(comm, c)
		if err != nil {
			return err
		}
		if got := l.Hosts(); !slices.Equal(got, []string{"node0", "node1"}) {
			t.Errorf("hosts %v, want node0 and node1", got)
		}
		return l.Stop()
	})
	if err != nil {
		t.Fatal(err)
	}
}
