package portfolio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
)

// A forecast as of a day is the one that the file would have given if it had ended on that day.
func TestAsOfReadsNothingLater(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(21, 22))
	text := days(random, map[string][2]int{"A": {150, 0}, "B": {120, 20}, "C": {60, 80}})
	header, rows, _ := strings.Cut(text, "\n")
	rates := "date,EURUSD\n"
	for k := range 200 {
		rates += fmt.Sprintf("%s,%v\n", time.Date(2023, 1, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), 1+float64(k)/1000)
	}
	for _, day := range []int{95, 100, 119, 135, 141, 149} {
		until := time.Date(2023, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		past := header + "\n"
		for row := range strings.Lines(rows) {
			if strings.Split(row, ",")[1] <= until {
				past += row
			}
		}
		for name, change := range map[string]func(*job.Spec){
			"mean":  func(*job.Spec) {},
			"value": func(s *job.Spec) { s.Combine, s.Holdings = job.Value, map[string]float64{"A": 1, "B": 2, "C": -1} },
			"return in dollars": func(s *job.Spec) {
				s.Combine, s.Currency, s.Base, s.Rates = job.Return, map[string]string{"A": "EUR"}, "USD", "fx"
			},
			"weeks": func(s *job.Spec) { s.Freq, s.Resample, s.Horizon = "W-SUN", job.ResampleMean, 2 },
		} {
			answers := map[string]string{}
			for as, text := range map[string]string{until: text, "": past} {
				s := spec(func(s *job.Spec) {
					s.Assets, s.Model, s.Horizon, s.Levels = []string{"*"}, "auto", 4, []float64{80}
					change(s)
					s.AsOf = as
				})
				answer, err := computeOn(t, 1, s, portfolio.Data{Table: read(t, text), Rates: ratesOf(t, s, rates)})
				if err != nil {
					t.Fatalf("%s as of %q: %v", name, as, err)
				}
				b, err := json.Marshal(answer)
				if err != nil {
					t.Fatal(err)
				}
				answers[as] = string(b)
			}
			if diff := cmp.Diff(answers[until], answers[""]); diff != "" {
				t.Errorf("%s as of %s (-as of +a file that ends there)\n%s", name, until, diff)
			}
		}
	}
}

// Until 12 January 2024, a Friday, the asset is quoted on business days, and then on every day. As of that Friday nobody knows.
func TestAsOfDoesNotKnowALaterCalendar(t *testing.T) {
	t.Parallel()
	text := "date,A\n"
	for k := range 40 {
		if day := time.Date(2024, 1, 1+k, 0, 0, 0, 0, time.UTC); k > 12 || day.Weekday()%6 != 0 {
			text += day.Format(time.DateOnly) + ",1\n"
		}
	}
	for as, want := range map[string]string{"2024-01-12": "2024-01-15", "2024-02-09": "2024-02-10"} {
		answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model, s.AsOf = []string{"A"}, "naive", as }), read(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.Overall.DS[0]; got != want {
			t.Errorf("as of %s the next date is %s, want %s", as, got, want)
		}
	}
}

// A has no value on 4 and 5 January; the line from 3 to 6 January goes through 30, 40, 50 and 60.
const gap = "date,A,B\n2024-01-01,10,1\n2024-01-02,20,1\n2024-01-03,30,1\n2024-01-04,,1\n2024-01-05,,1\n2024-01-06,60,1\n2024-01-07,70,1\n"

// The mean of the values shows what became of the missing ones.
func TestWhatBecomesOfMissingValues(t *testing.T) {
	t.Parallel()
	for policy, want := range map[job.Missing]float64{
		"":                 (10 + 20 + 30 + 30 + 30 + 60 + 70) / 7.,
		job.MissingForward: (10 + 20 + 30 + 30 + 30 + 60 + 70) / 7.,
		job.MissingLinear:  (10 + 20 + 30 + 40 + 50 + 60 + 70) / 7.,
		job.MissingDrop:    (10 + 20 + 30 + 60 + 70) / 5.,
	} {
		answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model, s.Missing = []string{"A"}, "mean", policy }), read(t, gap))
		if err != nil {
			t.Fatal(err)
		}
		a := answer.Assets[0]
		near(t, "with the policy "+string(policy)+" the mean", a.Mean[:1], []float64{want})
		if filled := 2; policy != job.MissingDrop && a.Filled != filled || a.DS[0] != "2024-01-08" {
			t.Errorf("%s: %d values are filled in, the first date is %s", policy, a.Filled, a.DS[0])
		}
	}
	answer, err := compute(t, spec(func(s *job.Spec) { s.Model, s.Missing = "mean", job.MissingFail }), read(t, gap))
	if err != nil {
		t.Fatal(err)
	}
	fault := answer.Assets[0].Error
	if answer.State != job.Partial || fault == nil || fault.Code != "missing" || !strings.Contains(fault.Detail, "2024-01-04, 2024-01-05") {
		t.Errorf("state %s, error %+v, want the missing dates of A", answer.State, fault)
	}
}

// January 2024 has 31 days, of which A is 10 on all; February begins with 1, so that the last value of the month to date is 5.
func TestFinerValuesAreSummedUpWhenAsked(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for k := range 31 + 29 + 5 {
		y := 10
		if k >= 31 {
			y = k - 30
		}
		fmt.Fprintf(&b, "D,%s,%d\n", time.Date(2024, 1, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), y)
	}
	b.WriteString("M,2024-01-31,1\nM,2024-02-29,2\nM,2024-03-31,4\n")
	table := read(t, b.String())
	ask := func(resample job.Resample) (job.Answer, error) {
		return compute(t, spec(func(s *job.Spec) {
			s.Assets, s.Weights, s.Model = []string{"D", "M"}, map[string]float64{"D": 1, "M": 1}, "naive"
			s.Freq, s.Resample, s.Horizon = "ME", resample, 1
		}), table)
	}
	for resample, want := range map[job.Resample]struct {
		value float64
		at    string
	}{
		"last": {34, "2024-04-30"}, // 5 March is day 34 of those that count from 1
		"sum":  {29 * 30 / 2, "2024-03-31"},
		"mean": {15, "2024-03-31"},
	} {
		answer, err := ask(resample)
		if err != nil {
			t.Fatalf("%s: %v", resample, err)
		}
		d := answer.Assets[0]
		if d.Mean[0] != want.value || d.DS[0] != want.at || answer.Overall == nil || answer.Overall.DS[0] != "2024-04-30" || answer.Overall.Mean[0] != (want.value+4)/2 {
			t.Errorf("%s: D is %v at %s, want %v at %s; overall %+v", resample, d.Mean, d.DS, want.value, want.at, answer.Overall)
		}
	}
	if _, err := ask(""); err == nil {
		t.Error("days were taken for months")
	} else if fault, ok := errors.AsType[*portfolio.Error](err); !ok || fault.Field != "freq" || !strings.Contains(fault.Detail, "ME") || !strings.Contains(fault.Detail, "(D)") {
		t.Errorf("the error %v does not name both frequencies", err)
	}
}

// OLD ends 20 days before the others.
func TestPatience(t *testing.T) {
	t.Parallel()
	table := read(t, days(rand.New(rand.NewPCG(1, 1)), map[string][2]int{"A": {50, 0}, "B": {50, 0}, "OLD": {30, 0}}))
	for patience, stale := range map[string]bool{"": true, "14d": true, "19": true, "479h": true, "20": false, "20d": false, "3w": false, "480h": false, "off": false} {
		answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model, s.Stale = []string{"*"}, "drift", patience }), table)
		if err != nil {
			t.Fatalf("%s: %v", patience, err)
		}
		fault := answer.Assets[2].Error
		if got := fault != nil && fault.Code == "stale"; got != stale || answer.Overall == nil || answer.Overall.DS[0] != "2023-02-20" {
			t.Errorf("%q: OLD has the error %+v, overall %+v", patience, fault, answer.Overall)
		}
	}
}
