package portfolio_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
)

// DAX and FTSE are the lines 100, 102, … and 50, 49, …, which drift continues: at the end 108 and 46, then 110, 45 and 112, 44.
const lines = "date,DAX,FTSE\n2024-01-01,100,50\n2024-01-02,102,49\n2024-01-03,104,48\n2024-01-04,106,47\n2024-01-05,108,46\n2024-01-06,,\n2024-01-07,,\n"

// euro has no rate of 5 January, and one after the last date of the lines.
const euro = "date,EURUSD,USDGBP,JPYUSD\n2024-01-02,1.05,0.7,\n2024-01-03,1.1,0.75,\n2024-01-04,1.25,0.8,\n2024-01-08,9,9,\n2020-01-01,,,0.01\n"

func ratesOf(t *testing.T, s job.Spec, text string) *portfolio.Rates {
	t.Helper()
	rates, err := portfolio.ReadRates(s, read(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return rates
}

// near compares numbers that were computed by hand.
func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
	for k := range want {
		if math.Abs(got[k]-want[k]) > 1e-12*max(1, math.Abs(want[k])) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
}

// The numbers are computed by hand.
func TestWhatThePortfolioIs(t *testing.T) {
	t.Parallel()
	base := job.Spec{Assets: []string{"DAX", "FTSE"}, Model: "drift", Horizon: 2, Levels: []float64{}, OnError: job.Skip}
	for name, c := range map[string]struct {
		change func(*job.Spec)
		want   []float64
		notes  []string
	}{
		"mean":           {func(s *job.Spec) { s.Weights = map[string]float64{"DAX": 3, "FTSE": 1} }, []float64{0.75*110 + 0.25*45, 0.75*112 + 0.25*44}, nil},
		"value":          {func(s *job.Spec) { s.Combine, s.Holdings = job.Value, map[string]float64{"DAX": 10, "FTSE": 2.5} }, []float64{1100 + 112.5, 1120 + 110}, nil},
		"short position": {func(s *job.Spec) { s.Combine, s.Holdings = job.Value, map[string]float64{"DAX": 10, "FTSE": -2} }, []float64{1100 - 90, 1120 - 88}, nil},
		"none of one":    {func(s *job.Spec) { s.Combine, s.Holdings = job.Value, map[string]float64{"DAX": 0, "FTSE": 2} }, []float64{90, 88}, nil},
		"return": {func(s *job.Spec) { s.Combine = job.Return }, []float64{(110./108+45./46)/2 - 1, (112./108+44./46)/2 - 1},
			[]string{"the return counts from the last common prices at 2024-01-05"}},
		"return by weights": {func(s *job.Spec) { s.Combine, s.Weights = job.Return, map[string]float64{"DAX": 3, "FTSE": 1} },
			[]float64{0.75*110/108 + 0.25*45/46 - 1, 0.75*112/108 + 0.25*44/46 - 1},
			[]string{"the return counts from the last common prices at 2024-01-05"}},
		"value in dollars": {func(s *job.Spec) {
			s.Combine, s.Holdings = job.Value, map[string]float64{"DAX": 10, "FTSE": 2}
			s.Currency, s.Base, s.Rates = map[string]string{"DAX": "EUR", "FTSE": "GBP"}, "USD", "fx"
		}, []float64{1100*1.25 + 90/0.8, 1120*1.25 + 88/0.8},
			[]string{"one EUR is 1.25 USD, the rate of 2024-01-04, held for all steps", "one GBP is 1.25 USD, the rate of 2024-01-04, held for all steps"}},
		"mean in dollars, one in dollars already": {func(s *job.Spec) {
			s.Currency, s.Base, s.Rates = map[string]string{"DAX": "EUR"}, "USD", "fx"
		}, []float64{110*1.25/2 + 45./2, 112*1.25/2 + 44./2}, []string{"one EUR is 1.25 USD, the rate of 2024-01-04, held for all steps"}},
		"before a rate": {func(s *job.Spec) {
			s.To, s.Currency, s.Base, s.Rates = "2024-01-03", map[string]string{"DAX": "EUR"}, "USD", "fx"
		}, []float64{106*1.1/2 + 47./2, 108*1.1/2 + 46./2}, []string{"one EUR is 1.1 USD, the rate of 2024-01-03, held for all steps"}},
	} {
		s := base
		c.change(&s)
		answer, err := computeOn(t, 1, s, portfolio.Data{Table: read(t, lines), Rates: ratesOf(t, s, euro)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		near(t, name, answer.Overall.Mean, c.want)
		if diff := cmp.Diff(answer.Overall.Notes, c.notes); diff != "" {
			t.Errorf("%s: notes (-got +want)\n%s", name, diff)
		}
		if answer.Assets[0].Mean[0] > 111 {
			t.Errorf("%s: the asset itself is converted: %v", name, answer.Assets[0].Mean)
		}
	}
}

// An asset that begins after another has ended leaves no date on which both have a value: a value needs none, a return does.
func TestAValueNeedsNoCommonDate(t *testing.T) {
	t.Parallel()
	const text = "date,OLD,NEW\n2024-01-01,1,\n2024-01-02,2,\n2024-01-03,4,\n2024-01-04,,50\n2024-01-05,,60\n"
	const rates = "date,EURUSD\n2024-01-03,3\n2024-01-05,2\n2024-01-06,9\n"
	for combine, want := range map[job.Combine]float64{job.Value: 10*4*2 + 1*60, job.Mean: (4*2 + 60) / 2., job.Return: math.NaN()} {
		s := spec(func(s *job.Spec) {
			s.Assets, s.Model, s.Horizon, s.Combine = []string{"*"}, "naive", 1, combine
			s.Currency, s.Base, s.Rates = map[string]string{"OLD": "EUR"}, "USD", "fx"
			if combine == job.Value {
				s.Holdings = map[string]float64{"OLD": 10, "NEW": 1}
			}
		})
		answer, err := computeOn(t, 1, s, portfolio.Data{Table: read(t, text), Rates: ratesOf(t, s, rates)})
		switch {
		case combine == job.Return:
			if err == nil || !strings.Contains(err.Error(), "no date in common") {
				t.Errorf("a return: error %v", err)
			}
		case err != nil || answer.Overall == nil:
			t.Errorf("%s: %+v, error %v", combine, answer, err)
		case answer.Overall.Mean[0] != want:
			t.Errorf("%s is %v, want %v", combine, answer.Overall.Mean, want)
		}
	}
}

// The portfolio is worth what the newest rate says, though one of its assets has no value on that day yet.
func TestTheRateIsThatOfTheNewestValue(t *testing.T) {
	t.Parallel()
	table := read(t, "date,A,B\n2024-01-01,1,5\n2024-01-02,2,5\n2024-01-03,4,6\n2024-01-04,5,\n2024-01-05,6,\n")
	s := spec(func(s *job.Spec) {
		s.Assets, s.Model, s.Horizon, s.Combine, s.Levels = []string{"A", "B"}, "naive", 1, job.Value, []float64{}
		s.Holdings = map[string]float64{"A": 1, "B": 2}
		s.Currency, s.Base, s.Rates = map[string]string{"B": "EUR"}, "USD", "fx"
	})
	rates := ratesOf(t, s, "date,EURUSD\n2024-01-03,3\n2024-01-05,2\n2024-01-06,9\n")
	answer, err := computeOn(t, 1, s, portfolio.Data{Table: table, Rates: rates})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the value", answer.Overall.Mean, []float64{6 + 2*6*2})
}

func TestRatesThatAreMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		currency string
		to       string
		want     string
	}{
		"no pair":         {"CHF", "", "the rates have no pair CHFUSD"},
		"none before":     {"EUR", "2024-01-01", "no value of EURUSD at or before 2024-01-01"},
		"too long before": {"JPY", "", "no recent value of JPYUSD at 2024-01-05, the date of the portfolio: the last one before is of 2020-01-01"},
	} {
		s := spec(func(s *job.Spec) {
			s.Assets, s.To, s.Currency, s.Base, s.Rates = []string{"DAX", "FTSE"}, c.to, map[string]string{"DAX": c.currency}, "USD", "fx"
			s.Weights = map[string]float64{"DAX": 1, "FTSE": 1}
		})
		rates, err := portfolio.ReadRates(s, read(t, euro))
		if err == nil {
			_, err = computeOn(t, 1, s, portfolio.Data{Table: read(t, lines), Rates: rates})
		}
		if fault, ok := errors.AsType[*portfolio.Error](err); !ok || fault.Field != "rates" || !strings.Contains(fault.Detail, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Rates may come at other kinds of time than the assets' values.
func TestRatesOfAnotherKindOfTime(t *testing.T) {
	t.Parallel()
	s := spec(func(s *job.Spec) {
		s.Assets, s.Model, s.Currency, s.Base, s.Rates = []string{"A"}, "naive", map[string]string{"A": "EUR"}, "USD", "fx"
	})
	dates, hours := "date,EURUSD\n2024-01-02,2\n2024-01-03,3\n2024-01-04,4\n", "time,EURUSD\n2024-01-02 10:00,2\n2024-01-03 23:00,3\n2024-01-04 00:00,4\n"
	for name, c := range map[string]struct {
		assets, rates string
		want          float64
	}{
		"hours in dates":   {"time,A\n2024-01-03 08:00,1\n2024-01-03 09:00,1\n2024-01-03 10:00,1\n", dates, 3},
		"zones in dates":   {"time,A\n2024-01-03T22:00:00-05:00,1\n2024-01-03T23:00:00-05:00,1\n2024-01-03T23:30:00-05:00,1\n", dates, 3},
		"dates in hours":   {"date,A\n2024-01-01,1\n2024-01-02,1\n2024-01-03,1\n", hours, 3},
		"hours in hours":   {"time,A\n2024-01-03 08:00,1\n2024-01-03 09:00,1\n2024-01-03 10:00,1\n", hours, 2},
		"steps, not dates": {"step,A\n1,1\n2,1\n3,1\n", dates, 0},
	} {
		answer, err := computeOn(t, 1, s, portfolio.Data{Table: read(t, c.assets), Rates: ratesOf(t, s, c.rates)})
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want == 0:
			if answer.Overall != nil || answer.Error == nil || answer.Error.Code != "no-rate" {
				t.Errorf("%s: got %v, %v", name, answer.Overall, answer.Error)
			}
		default:
			near(t, name, answer.Overall.Mean, []float64{c.want, c.want})
		}
	}
}

// A return needs prices, and a value needs all holdings.
func TestPortfoliosThatCannotBe(t *testing.T) {
	t.Parallel()
	table := read(t, "date,A,B,OLD\n2024-01-01,1,-1,1\n2024-01-02,2,-2,2\n2024-01-03,3,-3,3\n2024-06-01,3,-3,\n2024-06-02,3,-3,\n2024-06-03,3,-3,\n2024-06-04,3,-3,\n2024-06-05,3,-3,\n")
	_, err := compute(t, spec(func(s *job.Spec) { s.Combine = job.Return }), table)
	if fault, ok := errors.AsType[*portfolio.Error](err); !ok || fault.Code != "no-price" || !strings.Contains(fault.Detail, `"B" is -3 at 2024-06-05`) {
		t.Errorf("the return of a negative price: %v", err)
	}
	answer, err := compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Combine, s.Holdings = []string{"A", "OLD"}, job.Value, map[string]float64{"A": 1, "OLD": 1}
	}), table)
	if err != nil || answer.State != job.Partial || answer.Overall != nil || answer.Error == nil || !strings.Contains(answer.Error.Detail, `"OLD"`) {
		t.Errorf("a value without a holding: %v, %+v", err, answer)
	}
	_, err = compute(t, spec(func(s *job.Spec) { s.Combine, s.Holdings = job.Value, map[string]float64{"A": 1} }), table)
	if fault, ok := errors.AsType[*portfolio.Error](err); !ok || fault.Field != "holdings" {
		t.Errorf("an asset without a holding: %v", err)
	}
}

// One unit of a walk and one unit short of the same walk are worth nothing, for sure; twice the units have twice the interval.
func TestIntervalsOfHoldings(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("step,A,B,C\n")
	for k, all := range draw(rand.New(rand.NewPCG(13, 14)), 3, 120, 0, 1)[0] {
		b.WriteString(strings.Join([]string{strconv.Itoa(k), fmt.Sprint(100 + all), fmt.Sprint(100 + all), fmt.Sprint(300 + all)}, ",") + "\n")
	}
	table := read(t, b.String())
	interval := func(holdings map[string]float64) (lo, hi float64) {
		t.Helper()
		answer, err := compute(t, spec(func(s *job.Spec) {
			s.Assets, s.Model, s.Levels, s.Combine, s.Holdings = []string{"A", "B"}, "naive", []float64{90}, job.Value, holdings
		}), table)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Overall.Lo["90"][0], answer.Overall.Hi["90"][0]
	}
	if lo, hi := interval(map[string]float64{"A": 1, "B": -1}); math.Abs(lo) > 1e-9 || math.Abs(hi) > 1e-9 {
		t.Errorf("a hedged position lies between %v and %v, want 0", lo, hi)
	}
	lo, hi := interval(map[string]float64{"A": 1, "B": 1})
	lo2, hi2 := interval(map[string]float64{"A": 2, "B": 2})
	near(t, "the interval of twice the units", []float64{lo2, hi2}, []float64{2 * lo, 2 * hi})
}

// Weights that are bought at the last prices are holdings: their return is what their value gains.
func TestTheIntervalsOfAReturnAreThoseOfItsHoldings(t *testing.T) {
	t.Parallel()
	table := read(t, days(rand.New(rand.NewPCG(15, 16)), map[string][2]int{"A": {120, 0}, "B": {120, 0}, "C": {117, 0}}))
	ask := func(change func(*job.Spec)) *job.Forecast {
		t.Helper()
		answer, err := compute(t, spec(func(s *job.Spec) {
			s.Assets, s.Model, s.Levels = []string{"A", "B", "C"}, "drift", []float64{80, 95}
			change(s)
		}), table)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Overall
	}
	weights, units := map[string]float64{"A": 0.5, "B": 0.3, "C": 0.2}, map[string]float64{}
	for name, w := range weights {
		i, _ := table.Index(name)
		units[name] = w / table.Values(i)[116] // C ends three days before the others, and with it the common dates
	}
	got := ask(func(s *job.Spec) { s.Combine, s.Weights = job.Return, weights })
	want := ask(func(s *job.Spec) { s.Combine, s.Holdings = job.Value, units })
	for _, rows := range [][2][]float64{{got.Mean, want.Mean}, {got.Lo["80"], want.Lo["80"]}, {got.Hi["80"], want.Hi["80"]}, {got.Lo["95"], want.Lo["95"]}, {got.Hi["95"], want.Hi["95"]}} {
		for k, v := range rows[1] {
			if math.Abs(rows[0][k]-(v-1)) > 1e-12 {
				t.Errorf("the return is %v, the value %v", rows[0], rows[1])
			}
		}
	}
}
