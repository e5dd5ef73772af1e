package portfolio_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
)

// The file is made after tsa-notebooks#43: a monthly, a quarterly and a daily series.
func TestMixedFrequenciesHaveNoOverallForecast(t *testing.T) {
	t.Parallel()
	table := readFile(t, "mixed-frequencies.csv")
	answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model = []string{"*"}, "drift" }), table)
	if err != nil {
		t.Fatal(err)
	}
	if answer.State != job.Done || answer.Overall != nil || answer.Error == nil || answer.Error.Code != "mixed-frequencies" {
		t.Fatalf("got %s, overall %v, error %+v", answer.State, answer.Overall, answer.Error)
	}
	for _, words := range []string{"M: months", "(MS)", "Q: ", "(QS-JAN)", "D: calendar days (D)"} {
		if !strings.Contains(answer.Error.Detail, words) {
			t.Errorf("the error %q does not say %q", answer.Error.Detail, words)
		}
	}
	if got := answer.Assets[0].Mean; len(got) != 2 {
		t.Errorf("M has the forecast %v", got)
	}
	_, err = compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Weights, s.Model = []string{"M", "D"}, map[string]float64{"M": 1, "D": 1}, "drift"
	}), table)
	if fault, ok := errors.AsType[*portfolio.Error](err); !ok || fault.Code != "mixed-frequencies" || fault.Field != "freq" {
		t.Errorf("with weights the error is %v", err)
	}
	answer, err = compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Weights, s.Model = []string{"M", "D"}, map[string]float64{"M": 1, "D": 0}, "drift"
	}), table)
	if err != nil || answer.Overall == nil {
		t.Errorf("an asset that does not count stops the others: %v, %+v", err, answer.Error)
	}
}

// The last business days of May to August 2023 are also the last days of their months. SHORT has only those, and belongs to
// LONG: its dates are business days, too.
func TestFewValuesTakeTheCalendarOfTheOthers(t *testing.T) {
	t.Parallel()
	text := "unique_id,ds,y\n"
	for k := range 68 {
		day := time.Date(2018, time.Month(k+2), 0, 0, 0, 0, 0, time.UTC)
		for day.Weekday()%6 == 0 {
			day = day.AddDate(0, 0, -1)
		}
		text += fmt.Sprintf("LONG,%s,%d\n", day.Format(time.DateOnly), k)
		if k >= 64 {
			text += fmt.Sprintf("SHORT,%s,%d\n", day.Format(time.DateOnly), k)
		}
	}
	answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model = []string{"*"}, "drift" }), read(t, text))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2023-09-29", "2023-10-31"}
	if answer.Overall == nil || cmp.Diff(answer.Overall.DS, want) != "" || cmp.Diff(answer.Assets[1].DS, want) != "" {
		t.Errorf("overall %+v, error %+v, SHORT at %v", answer.Overall, answer.Error, answer.Assets[1].DS)
	}
}

// Stocks have no values on weekends, and coins have. Resampled to business days, the coin's value of a Friday is that of Sunday.
func TestStocksAndCoins(t *testing.T) {
	t.Parallel()
	text := "unique_id,ds,y\n"
	for k := range 54 {
		day := time.Date(2024, 1, 1+k, 0, 0, 0, 0, time.UTC) // a Monday; the last is a Friday
		text += fmt.Sprintf("COIN,%s,%d\n", day.Format(time.DateOnly), k)
		if day.Weekday()%6 != 0 {
			text += fmt.Sprintf("STOCK,%s,%d\n", day.Format(time.DateOnly), 100+k)
		}
	}
	table := read(t, text)
	answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model = []string{"*"}, "naive" }), table)
	if err != nil || answer.Overall != nil || answer.Error == nil || answer.Error.Code != "mixed-frequencies" {
		t.Errorf("without a frequency: %v, overall %+v, error %+v", err, answer.Overall, answer.Error)
	}
	answer, err = compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Model, s.Freq, s.Resample = []string{"*"}, "naive", "B", job.ResampleLast
	}), table)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(answer.Overall, &job.Forecast{Point: job.PointMean, DS: []string{"2024-02-26", "2024-02-27"}, Mean: []float64{103, 103}}); diff != "" {
		t.Errorf("business days (-got +want)\n%s", diff)
	}
}
