package portfolio_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
)

// sameAsText compares the JSON of an asset, whose values the ranks have written, with that of encoding/json. All tests of plans go
// through it.
func sameAsText(t testing.TB, p *portfolio.Plan, i int, r *forecast.Result, fault *job.Error) {
	t.Helper()
	want, err := json.Marshal(p.Asset(i, r, fault))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.AppendAsset(nil, i, r, fault)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("asset %d: -encoding/json +got:\n%s", i, diff)
	}
}

// book is a plan that compares the texts of the ranks with what the results say.
type book struct {
	*portfolio.Plan
	texts []string
}

func (b *book) TakeText(text []byte) {
	b.texts = append(b.texts, string(text))
	b.Plan.TakeText(text)
}

// TestTheRanksWriteCSV computes a portfolio with an asset that ends early, one that is too short for intervals, and one without a
// value. The lines of the ranks make the table that the numbers make.
func TestTheRanksWriteCSV(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("ds,A,LATE,SHORT,NONE\n")
	for k := range 30 {
		late, short := fmt.Sprint(k*k%17), ""
		if k > 27 {
			late = ""
		}
		if k > 27 {
			short = fmt.Sprint(k)
		}
		fmt.Fprintf(&text, "2024-01-%02d,%d,%s,%s,\n", k+1, k%7, late, short)
	}
	for _, ranks := range []int{1, 3} {
		spec := spec(func(s *job.Spec) {
			s.Assets, s.Horizon, s.Levels, s.Quantiles = []string{"A", "LATE", "SHORT", "NONE"}, 4, []float64{95, 80}, []float64{0.9}
		})
		shape := forecasttable.ShapeOf(spec, job.TimeDate)
		var plan *portfolio.Plan
		var got, want bytes.Buffer
		fromText, _ := forecasttable.NewCSV(&got, shape)
		fromNumbers, _ := forecasttable.NewCSV(&want, shape)
		plan, err := portfolio.New(spec, portfolio.Data{Table: read(t, text.String()), Form: portfolio.CSV}, func(i int, r *forecast.Result, fault *job.Error) error {
			if fault != nil {
				return nil
			}
			rows := forecasttable.Rows{Asset: plan.Name(i), Model: r.Model, DS: plan.Times(i), Mean: r.Mean, Lo: r.Lo, Hi: r.Hi, Quantiles: r.Quantiles}
			if err := fromNumbers.Write(rows); err != nil {
				return err
			}
			rows.Numbers = plan.Numbers()
			rows.Mean = make([]float64, len(r.Mean)) // the text is what is written
			rows.Lo, rows.Hi, rows.Quantiles = nil, nil, nil
			return fromText.Write(rows)
		})
		if err != nil {
			t.Fatal(err)
		}
		b := &book{Plan: plan}
		if err := run(ranks, b); err != nil {
			t.Fatal(err)
		}
		for _, w := range []forecasttable.Writer{fromText, fromNumbers} {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" || strings.Count(want.String(), "\n") != 1+3*4 {
			t.Errorf("%d ranks: -of numbers +of the ranks:\n%s", ranks, diff)
		}
		if slices.Contains(b.texts, "") || len(b.texts) != 3 {
			t.Errorf("%d ranks: the texts are %q", ranks, b.texts)
		}
	}
}

// TestWhatRank0WritesItself has a short position with quantiles and a job of integers, whose own numbers follow from the forecast
// only at rank 0.
func TestWhatRank0WritesItself(t *testing.T) {
	t.Parallel()
	text := "ds,A,B\n"
	for k := range 30 {
		text += fmt.Sprintf("2024-01-%02d,%d,%d\n", k+1, 1+k%7, 2+k%5)
	}
	for name, change := range map[string]func(*job.Spec){
		"integers": func(s *job.Spec) { s.Integers = true },
		"short": func(s *job.Spec) {
			s.Combine, s.Holdings = job.Value, map[string]float64{"A": 1, "B": -1}
		},
	} {
		plan, err := portfolio.New(spec(func(s *job.Spec) {
			s.Assets, s.Quantiles = []string{"A", "B"}, []float64{0.1}
			change(s)
		}), portfolio.Data{Table: read(t, text), Form: portfolio.JSON}, func(int, *forecast.Result, *job.Error) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		b := &book{Plan: plan}
		if err := run(1, b); err != nil {
			t.Fatal(err)
		}
		if want := name == "short"; (b.texts[0] != "") != want || b.texts[1] != "" {
			t.Errorf("%s: the texts are %q", name, b.texts)
		}
	}
}
