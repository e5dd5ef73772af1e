package forecast

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// leastSquares returns the residual sum of squares of y on the columns, by QR.
func leastSquares(t *testing.T, y []float64, columns ...[]float64) float64 {
	t.Helper()
	x := mat.NewDense(len(y), len(columns), nil)
	for c, v := range columns {
		x.SetCol(c, v)
	}
	var qr mat.QR
	qr.Factorize(x)
	var beta mat.VecDense
	target := mat.NewVecDense(len(y), y)
	if err := qr.SolveVecTo(&beta, false, target); err != nil {
		t.Fatal(err)
	}
	var fitted mat.VecDense
	fitted.MulVec(x, &beta)
	fitted.SubVec(target, &fitted)
	return mat.Dot(&fitted, &fitted)
}

// TestSeasonGain compares the gain with both regressions done at length.
func TestSeasonGain(t *testing.T) {
	t.Parallel()
	for _, m := range []int{4, 7, 12} {
		const n = 90
		x := walk(n, uint64(m))
		for i := range x {
			x[i] += math.Sin(2 * math.Pi * float64(i) / float64(m))
		}
		lags := min(2, m-3)
		var target []float64
		base := make([][]float64, 3+lags)
		for s := 1 + lags; s < n; s++ {
			target = append(target, x[s]-x[s-1])
			base[0], base[1], base[2] = append(base[0], 1), append(base[1], float64(s)), append(base[2], x[s-1])
			for l := 1; l <= lags; l++ {
				base[2+l] = append(base[2+l], x[s-l]-x[s-l-1])
			}
		}
		without, rows, want := leastSquares(t, target, base...), float64(len(target)), math.Inf(-1)
		columns := base
		for j := 1; j <= min(m/2, 6); j++ {
			sine, cosine := make([]float64, len(target)), make([]float64, len(target))
			for i := range target {
				sine[i], cosine[i] = math.Sincos(2 * math.Pi * float64(i*j) / float64(m))
			}
			columns = append(columns, cosine)
			if 2*j < m {
				columns = append(columns, sine)
			}
			terms := len(columns) - len(base)
			free := rows - float64(len(columns))
			want = max(want, free*math.Log(without/leastSquares(t, target, columns...))-float64(terms)*math.Log(rows))
		}
		if got := New().seasonGain(x, m); math.Abs(got-want) > 1e-6 {
			t.Errorf("season of %d steps: gain %v, want %v", m, got, want)
		}
	}
}

// Seasons that are there are seen, and walks have none.
func TestSeasonEvidence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		m       int
		periods []int
		n       int
		most    float64 // the share of walks with an evidence above possible, twice as many as simulated from other numbers
	}{
		{"a year and a half of weeks", 52, nil, 80, 0.17},
		{"two years of weeks", 52, nil, 104, 0.11},
		{"three years of weeks", 52, nil, 156, 0.10},
		{"four weeks of days", 7, nil, 28, 0.10},
		{"four months of business days", 5, nil, 84, 0.05},
		{"three years of months", 12, nil, 36, 0.12},
		{"two years of days", 365, []int{7, 365}, 750, 0.08},
		{"three days of hours", 24, nil, 72, 0.07},
		{"a month of hours", 168, []int{24, 168}, 720, 0.20},
		{"three days of five minutes", 288, nil, 3 * 288, 0.06},
	} {
		const series = 200
		seen, passed := 0, 0
		for seed := range uint64(series) {
			y := noise(c.n, seed)
			for i := range y {
				y[i] = 2*math.Sin(2*math.Pi*float64(i)/float64(c.m)) + y[i]/2
			}
			if New().seasonEvidence(y, c.m, c.periods) >= likely {
				seen++
			}
			if New().seasonEvidence(walk(c.n, seed), c.m, c.periods) >= possible {
				passed++
			}
		}
		if seen < series*95/100 {
			t.Errorf("%s: of %d seasons %d are seen", c.name, series, seen)
		}
		if float64(passed) > c.most*series {
			t.Errorf("%s: of %d walks %d have a season", c.name, series, passed)
		}
	}
}

func TestEvidenceOfExactSeries(t *testing.T) {
	t.Parallel()
	season := func(n, m int) []float64 {
		y := make([]float64, n)
		for i := range y {
			y[i] = 10 + math.Sin(2*math.Pi*float64(i)/float64(m))
		}
		return y
	}
	once := noise(130, 1)
	for i := range 8 {
		once[80+i] += 50
	}
	trend := season(156, 52)
	for i := range trend {
		trend[i] += float64(i) / 10
	}
	line := make([]float64, 100)
	for i := range line {
		line[i] = float64(i)
	}
	for _, c := range []struct {
		name   string
		y      []float64
		m      int
		lo, hi float64
	}{
		{"a wave of a year of weeks", season(160, 52), 52, 1, 1},
		{"a wave on a trend", trend, 52, 1, 1},
		{"a wave of a day", season(24*10, 24), 24, 1, 1},
		{"an event that came once", once, 52, 0, possible},
		{"a constant", make([]float64, 100), 12, 0, 0.5},
		{"a line", line, 12, 0, 0.5},
		{"a season and a half", season(77, 52), 52, 0, 0},
		{"too few months to tell", season(14, 12), 12, 0.5, 0.5},
	} {
		if got := New().seasonEvidence(c.y, c.m, nil); !(got >= c.lo && got <= c.hi) {
			t.Errorf("%s: evidence %v, want %v to %v", c.name, got, c.lo, c.hi)
		}
	}
}

// TestSundaysHaveAShape gives Sundays the mean of other days and the opposite course.
func TestSundaysHaveAShape(t *testing.T) {
	t.Parallel()
	seen, weekless := 0, 0
	for seed := range uint64(50) {
		y, same := noise(24*42, seed), noise(24*42, seed)
		for i := range y {
			wave := 2 * math.Sin(2*math.Pi*float64(i)/24)
			same[i] += wave
			if i/24%7 == 6 {
				wave = -wave
			}
			y[i] += wave
		}
		if New().seasonEvidence(y, 168, []int{24, 168}) >= likely {
			seen++
		}
		if New().seasonEvidence(same, 168, []int{24, 168}) >= likely {
			weekless++
		}
	}
	if seen < 45 || weekless > 10 {
		t.Errorf("of 50 series with Sundays %d have a week, and of those without %d; want most and few", seen, weekless)
	}
}
