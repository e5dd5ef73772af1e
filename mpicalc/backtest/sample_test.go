package backtest

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

func TestMeasuresOfOneForecastByHand(t *testing.T) {
	t.Parallel()
	r := NewReport(Config{Models: []string{"ar"}, Levels: []float64{80}, Quantiles: []float64{0.1, 0.5}})
	// The values of the steps 1 and 3 are known.
	s := Sample{Horizon: 3, At: []int{0, 2}, Actual: []float64{5, -1}, Scale: 2}
	m := r.measure(&s, &forecast.Result{Mean: []float64{4, 9, 1}, Lo: [][]float64{{3, 9, 0}}, Hi: [][]float64{{6, 9, 2}}, Quantiles: [][]float64{{3, 9, 0}, {4, 9, 1}}})
	// sMAPE: 200·1/9 and 200; MASE: (1+2)/2/2; the interval of step 3 misses by 1, which costs 2/.2; the scores are 3 and 2+10.
	// Quantile loss: .1·2·2 + .9·2·1 for the first and 1 + 2 for the second, of two quantiles.
	if !near(m.smape, (200.0/9+200)/2) || !near(m.mase, 0.75) || !near(m.coverage[0], 0.5) || !near(m.score[0], 7.5/2) || !near(m.loss, (0.4+1.8+3)/2) || m.size != 6 || m.values != 2 {
		t.Errorf("%+v", m)
	}
	if m := r.measure(&s, &forecast.Result{Mean: []float64{4, 9, 1}}); m.bounded || !math.IsNaN(m.loss) {
		t.Errorf("without intervals: %+v", m)
	}
}

func near(got, want float64) bool { return math.Abs(got-want) < 1e-12 }

// A holiday is a slot without a value: the values around it are not neighbors.
func TestScaleOfASeriesWithAHoliday(t *testing.T) {
	t.Parallel()
	table := read(t, "date,A\n2024-05-20,1\n2024-05-21,2\n2024-05-22,4\n2024-05-23,5\n2024-05-24,7\n2024-05-28,100\n2024-05-29,103\n2024-05-30,1\n")
	held, err := HoldOut(&Source{Table: table}, []int{0}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if s := held.Sample(0); s.Freq != "B" || s.Scale != (1+2+1+2+3)/5.0 || len(s.Skips) != 1 {
		t.Errorf("%s: scale %v, skips %v", s.Freq, s.Scale, s.Skips)
	}
}

// Ranks that map the file of a dataset need not be sent its values.
func TestSamplesKnowWhereTheirValuesAreStored(t *testing.T) {
	t.Parallel()
	stored := read(t, "date,A,B\n2024-01-01,1,1\n2024-01-02,2,2\n2024-01-03,3,3\n2024-01-04,4,4\n2024-01-05,5,5\n2024-01-06,6,6\n")
	window, err := stored.Window("2024-01-02", "")
	if err != nil {
		t.Fatal(err)
	}
	file := &spmd.File{Path: "x"}
	held, err := HoldOut(&Source{Table: window, File: file, Stored: stored}, []int{1}, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	s := NewEvaluation(NewReport(Config{Models: []string{"naive"}}), held, []int{0}, true).Series(0)
	if want := (spmd.Ref{File: file, Asset: 1, From: 1, To: 4}); s.In != want || !cmp.Equal(s.Values, stored.Values(1)[1:4]) {
		t.Errorf("%v in %+v, want %+v", s.Values, s.In, want)
	}
}

// The samples come with the newest origin first, and the test takes the losses in order of time.
func TestPairsAreTestedInOrderOfTime(t *testing.T) {
	t.Parallel()
	l := losses{a: []loss{{7, []float64{4, 1}}, {8, []float64{3, 5}}, {9, []float64{2, 2}}}, b: []loss{{7, []float64{1, 1}}, {9, []float64{1, 4}}}}
	got, ok := l.pair()
	if _, p := DieboldMariano([]float64{1, -2, 3, 0}, 2); !ok || got != (pair{(2.5 + 2) / 2, (1 + 2.5) / 2, p}) {
		t.Errorf("%+v, want p = %v", got, p)
	}
	r := NewReport(Config{Models: []string{"x", "y"}, Compare: []int{0, 1}})
	r.all.paired = []pair{got}
	if c := r.comparison(r.all); c.DM == nil || c.DM.P == nil || *c.DM.P != got.dm {
		t.Errorf("of one series: %+v", c.DM)
	}
}

func TestRoundingIsNoDifference(t *testing.T) {
	t.Parallel()
	more := math.Nextafter(0.3, 1)
	l := losses{a: []loss{{0, []float64{more, 3}}, {1, []float64{0.3, 4}}}, b: []loss{{0, []float64{0.3, 3}}, {1, []float64{0.3, 4}}}}
	if got, _ := l.pair(); got.a != got.b || !math.IsNaN(got.dm) {
		t.Errorf("%+v", got)
	}
}

// A report that has seen a series by all models keeps none of its errors.
func TestErrorsAreDroppedWithTheirSeries(t *testing.T) {
	t.Parallel()
	held, err := HoldOut(&Source{Table: read(t, "date,A\n2024-01-01,1\n2024-01-02,2\n2024-01-03,4\n2024-01-04,4\n2024-01-05,5\n")}, []int{0}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReport(Config{Models: []string{"x", "y"}, Compare: []int{0, 1}})
	ev := NewEvaluation(r, held, []int{0, 1}, true)
	for i, open := range []int{1, 1, 1, 0} {
		if err := ev.Take(i, &forecast.Result{Mean: []float64{3}}, nil); err != nil {
			t.Fatal(err)
		}
		if len(r.pairs.open) != open {
			t.Errorf("%d series are open after forecast %d, want %d", len(r.pairs.open), i, open)
		}
	}
}

func read(t *testing.T, text string) *series.Table {
	t.Helper()
	table, _, err := csv.Read([]byte(text), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}
