package portfolio_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/mpicalc/portfolio"
)

// drawTable draws a long file of assets of different lengths, ends, frequencies and gaps.
func drawTable(t *rapid.T) (string, []string) {
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	var names []string
	for i := range rapid.IntRange(1, 5).Draw(t, "assets") {
		name := fmt.Sprintf("A%d", i)
		names = append(names, name)
		at := time.Date(2023, 1, 1+rapid.IntRange(0, 40).Draw(t, "start"), 0, 0, 0, 0, time.UTC)
		rule := rapid.SampledFrom([]string{"D", "D", "D", "B", "M"}).Draw(t, "rule")
		gaps := rapid.IntRange(0, 3).Draw(t, "gaps")
		offset := rapid.SampledFrom([]float64{0, 100, -5, 1e300}).Draw(t, "offset")
		for k := range rapid.IntRange(1, 60).Draw(t, "values") {
			if rule == "M" {
				at = at.AddDate(0, 1, 0)
			} else {
				at = at.AddDate(0, 0, 1)
			}
			if rule == "B" && at.Weekday()%6 == 0 || gaps > 0 && k%7 == gaps {
				continue
			}
			fmt.Fprintf(&b, "%s,%s,%v\n", name, at.Format(time.DateOnly), offset+rapid.Float64Range(-3, 3).Draw(t, "y"))
		}
	}
	return b.String(), names
}

func drawSpec(t *rapid.T, names []string) job.Spec {
	s := job.Spec{Dataset: "d", Assets: []string{"*"}, Model: rapid.SampledFrom([]string{"naive", "drift", "ar", "mean", "trend"}).Draw(t, "model"),
		Horizon: rapid.IntRange(1, 12).Draw(t, "horizon"), Levels: rapid.SampledFrom([][]float64{{}, {80}, {95, 50}}).Draw(t, "levels"), OnError: job.Skip,
		Combine: rapid.SampledFrom([]job.Combine{job.Mean, job.Value, job.Return}).Draw(t, "combine"),
		Stale:   rapid.SampledFrom([]string{"", "off", "3", "30d"}).Draw(t, "stale"),
		Missing: rapid.SampledFrom([]job.Missing{"", job.MissingDrop, job.MissingLinear, job.MissingFail}).Draw(t, "missing")}
	if rapid.Bool().Draw(t, "resampled") {
		s.Freq, s.Resample = "W-SUN", rapid.SampledFrom([]job.Resample{"last", "first", "mean", "sum"}).Draw(t, "resample")
	}
	amounts := map[string]float64{}
	for i, name := range names {
		amounts[name] = rapid.SampledFrom([]float64{0, 1, 2.5, 1e-9}).Draw(t, "amount")
		if i == 0 {
			amounts[name] = 1
		}
	}
	switch {
	case s.Combine == job.Value:
		amounts[names[0]] = rapid.SampledFrom([]float64{1, -1}).Draw(t, "side")
		s.Holdings = amounts
	case rapid.Bool().Draw(t, "weighted"):
		s.Weights = amounts
	}
	return s
}

// Any portfolio has an overall forecast of finite numbers at its dates, or a reason why it has none. Its intervals lie around it.
func TestAnyPortfolioHasAnAnswerOrAReason(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		text, names := drawTable(r)
		table, _, err := csv.Read([]byte(text), series.Options{})
		if err != nil {
			return
		}
		s := drawSpec(r, table.Names()[:min(len(names), table.Len())])
		if faults := s.Validate(); faults != nil {
			r.Fatal(faults)
		}
		answer, err := compute(t, s, table)
		if err != nil {
			if fault, ok := errors.AsType[*portfolio.Error](err); !ok || fault.Code == "" || fault.Detail == "" {
				r.Fatalf("the error is %v", err)
			}
			return
		}
		o := answer.Overall
		if o == nil {
			if answer.Error == nil || answer.Error.Detail == "" {
				r.Fatal("there is neither a forecast nor a reason")
			}
			return
		}
		if len(o.DS) != s.Horizon || len(o.Mean) != s.Horizon {
			r.Fatalf("the forecast has %d values at %d times, want %d", len(o.Mean), len(o.DS), s.Horizon)
		}
		for k, m := range o.Mean {
			if math.IsNaN(m) || math.IsInf(m, 0) {
				r.Fatalf("the forecast is %v", o.Mean)
			}
			for level, lo := range o.Lo {
				if hi := o.Hi[level][k]; !(lo[k] <= m && m <= hi) {
					r.Fatalf("at %s %% step %d is %v to %v around %v\n%s", level, k+1, lo[k], hi, m, text)
				}
			}
		}
	})
}
