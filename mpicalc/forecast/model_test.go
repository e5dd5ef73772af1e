package forecast

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// method makes the method that o asks for.
func method(t testing.TB, o Options) *Method {
	t.Helper()
	m, err := NewMethod(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryFallbackChainEndsAtNaive(t *testing.T) {
	t.Parallel()
	models := registry()
	for _, m := range models {
		for steps := 0; m.Name != "naive"; steps++ {
			next, ok := lookup(models, m.fallback)
			if !ok || steps > len(models) {
				t.Fatalf("%s falls back to %q, which leads nowhere", m.Name, m.fallback)
			}
			m = next
		}
	}
}

// wave is positive, with a trend of 1 % a step and a season of 4 steps, exactly; lengths are in whole seasons.
func wave(n int) []float64 {
	y := make([]float64, n)
	for t := range y {
		y[t] = math.Exp(0.01*float64(t) + []float64{0.3, -0.1, 0.2, -0.4}[t%4])
	}
	return y
}

func TestModelsContinueWhatTheyDescribe(t *testing.T) {
	t.Parallel()
	// The logarithm of the series is a line with a season, and its seasonal differences are constant. So these models must
	// continue it without error, except for what a ridge penalty of 1e-4 to 1e-3 and a damping factor shrink away.
	cases := []struct {
		model, used string
		tolerance   float64 // relative
	}{
		{"trend-season", "trend-season-log", 1e-9},
		{"harmonic", "harmonic-log", 5e-3},
		{"ar-season", "ar-season-log", 5e-3},
		{"ar-diff", "ar-diff-log", 5e-3},
		{"theta-dynamic", "theta-dynamic-log", 2e-2},
		{"damped", "damped-log", 2e-2},
		{"holt-winters", "holt-winters-log", 2e-2},
		{"theta", "theta-log", 4e-2}, // half the trend is its principle
		{"level-shape", "level-shape-log", 4e-2},
		{"auto", "", 2e-2}, // it may well leave the series to one member without error
	}
	const n, h = 60, 4
	for _, c := range cases {
		t.Run(c.model, func(t *testing.T) {
			t.Parallel()
			var got Result
			o := Options{Model: c.model, Horizon: h, Step: 91 * day, Periods: []int{4}, Levels: []float64{90}}
			if err := New().Forecast(&got, Series{Values: wave(n)}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			if c.used != "" && got.Model != c.used {
				t.Errorf("used %s, want %s", got.Model, c.used)
			}
			if diff := cmp.Diff(got.Seasons, []int{4}); diff != "" {
				t.Errorf("seasons, got against want:\n%s", diff)
			}
			if diff := cmp.Diff(got.Mean, wave(n + h)[n:], cmpopts.EquateApprox(c.tolerance, 0)); diff != "" {
				t.Errorf("mean, got against want:\n%s", diff)
			}
			if !(got.Skill < 0.2) {
				t.Errorf("skill %v, want far below 1", got.Skill)
			}
		})
	}
}

// TestOriginsDoNotSeeTheFuture changes what follows each origin and expects its forecast to stay.
func TestOriginsDoNotSeeTheFuture(t *testing.T) {
	t.Parallel()
	quarters := wave(80)
	for i, e := range noise(len(quarters), 9) {
		quarters[i] *= math.Exp(0.05 * e)
	}
	hours := sine(24*40, 24, 3)
	for i := range hours {
		if i/24%7 > 4 {
			hours[i] -= 5
		}
	}
	levels := []float64{90}
	testOrigins(t, "quarters", quarters, Options{Horizon: 4, Step: 91 * day, Seasons: []int{4}, Levels: levels})
	testOrigins(t, "days", weekAndYear(700, 1, 1), Options{Horizon: 30, Step: day, Seasons: []int{7, 365}, Levels: levels})
	testOrigins(t, "hours", hours, Options{Horizon: 48, Step: time.Hour, Seasons: []int{24, 168}, Levels: levels})
}

func testOrigins(t *testing.T, name string, y []float64, o Options) {
	for _, m := range registry() {
		if m.can.has(combines) {
			continue // its weights come from all inner origins together
		}
		if m.Name == "empirical" && len(y) > 100 {
			continue // it rounds to a grid of the values of the whole series when they are many
		}
		t.Run(name+"/"+m.Name, func(t *testing.T) {
			t.Parallel()
			o := o
			o.Model = m.Name
			m := method(t, o)
			forecast := func(y []float64) (*problem, fit) {
				e := New()
				p := e.newProblem(question{values: y}, m)
				f, _ := e.run(p, m.chain)
				return p, f
			}
			p, want := forecast(y)
			if len(p.ends) < 5 {
				t.Fatalf("only %d origins", len(p.ends)-1)
			}
			for o, n := range p.ends[1:] {
				changed := append([]float64(nil), y...)
				for i := n; i < len(y); i++ {
					changed[i] *= 1.3
				}
				_, got := forecast(changed)
				if diff := cmp.Diff(got.row(o+1), want.row(o+1), cmpopts.EquateApprox(1e-7, 0)); diff != "" {
					t.Errorf("origin %d saw what followed, got against want:\n%s", o, diff)
				}
			}
		})
	}
}

func TestAnEngineRemembersNothing(t *testing.T) {
	t.Parallel()
	series := [][]float64{wave(60), noise(120, 1), {3}, wave(20), noise(5, 2), {0, 0, 0, 0}, wave(300)}
	for _, m := range registry() {
		used := New()
		var again, fresh Result
		for round := range 2 {
			for i, y := range series {
				o := Options{Model: m.Name, Horizon: 3 + round, Step: 91 * day, Periods: []int{4}, Levels: []float64{80}}
				if err := used.Forecast(&again, Series{Values: y}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				fresh = Result{}
				if err := New().Forecast(&fresh, Series{Values: y}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(again, fresh, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s, series %d: a used engine against a fresh one:\n%s", m.Name, i, diff)
				}
			}
		}
	}
}

func TestForecastDoesNotDependOnLevels(t *testing.T) {
	t.Parallel()
	for _, m := range registry() {
		for _, y := range [][]float64{wave(60), noise(90, 3), wave(9)} {
			var with, without Result
			o := Options{Model: m.Name, Horizon: 4, Step: 91 * day, Periods: []int{4}}
			if err := New().Forecast(&without, Series{Values: y}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			if !math.IsNaN(without.Skill) || without.Errors.Origins != 0 {
				t.Errorf("%s: skill %v and %d origins without levels", m.Name, without.Skill, without.Errors.Origins)
			}
			o.Levels = []float64{80}
			if err := New().Forecast(&with, Series{Values: y}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(with.Mean, without.Mean); diff != "" {
				t.Errorf("%s, with levels against without:\n%s", m.Name, diff)
			}
		}
	}
}

// TestAClosedFormSeesEveryValue puts a value that is not finite at each place of a series. Closed forms do not check
// values first, and must refuse it all the same.
func TestAClosedFormSeesEveryValue(t *testing.T) {
	t.Parallel()
	for _, entry := range registry() {
		if !entry.can.has(closedForm) {
			continue
		}
		m := method(t, Options{Model: entry.Name, Horizon: 3})
		for i := range 9 {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				y := wave(9)
				y[i] = bad
				var fault *DataError
				if err := New().Forecast(new(Result), Series{Values: y}, m); !errors.As(err, &fault) || fault.Index != i {
					t.Errorf("%s with %v at %d: error %v", entry.Name, bad, i, err)
				}
			}
		}
	}
}

// TestCapabilities compares the answers of each model with what the registry says that it can do.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	y := wave(120)
	for i, e := range noise(len(y), 6) {
		y[i] *= math.Exp(0.2 * e)
	}
	for _, entry := range registry() {
		answer := func(y []float64, seasons ...int) Result {
			var r Result
			m := method(t, Options{Model: entry.Name, Horizon: 5, Seasons: seasons})
			if err := New().Forecast(&r, Series{Values: y}, m); err != nil {
				t.Fatal(err)
			}
			return r
		}
		r := answer(y, 4)
		if without := answer(y, 1); cmp.Equal(r.Mean, without.Mean) == entry.can.has(usesSeasons) {
			t.Errorf("%s uses seasons %v: %v with a season and %v without", entry.Name, entry.can.has(usesSeasons), r.Mean, without.Mean)
		}
		if (len(r.Seasons) > 0) != entry.can.has(usesSeasons) {
			t.Errorf("%s names the seasons %v", entry.Name, r.Seasons)
		}
		if (len(r.Members) > 0) != entry.can.has(combines) {
			t.Errorf("%s names the members %v", entry.Name, r.Members)
		}
		if strings.HasSuffix(r.Model, "-log") != entry.can.has(usesLogs) {
			t.Errorf("%s made the answer of %s", r.Model, entry.Name)
		}
	}
}

// viewer makes the view of a problem and has no answer.
type viewer struct{}

func (viewer) forecast(e *Engine, p *problem, log bool) fit {
	e.view(p, log)
	return fit{paths: e.newPaths(p)}
}

func TestAFallbackUsesTheViewOfTheOneBefore(t *testing.T) {
	t.Parallel()
	o := Options{Model: "ar", Horizon: 12, Levels: []float64{80}}
	alone, err := NewMethod(o)
	if err != nil {
		t.Fatal(err)
	}
	silent := entry{model: formula(func(*Engine, []float64, []float64) {})}
	chained := &Method{options: alone.options, chain: []link{{entry: silent}, {entry: entry{model: viewer{}}}, {entry: alone.chain[0].entry}}}
	y := noise(200, 1)
	var want, got Result
	if err := New().Forecast(&want, Series{Values: y}, alone); err != nil {
		t.Fatal(err)
	}
	e := New()
	for range 2 { // the second time, the scratch memory is one block
		if err := e.Forecast(&got, Series{Values: y}, chained); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got.Mean, want.Mean); diff != "" {
			t.Errorf("-after two models without an answer +alone\n%s", diff)
		}
	}
}
