package worker_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"foliocast/internal/job"
)

// The values are 5 + 3·promo and nothing else, so the forecast is that of the future values, and two scenarios differ by 3.
func TestAJobHasTheColumnsOfItsVersion(t *testing.T) {
	t.Parallel()
	var values, base, other strings.Builder
	for _, b := range []*strings.Builder{&values, &base, &other} {
		b.WriteString("unique_id,ds,y\n")
	}
	for _, asset := range []string{"A0", "A1"} {
		for k := range 42 {
			promo, future := k*k%7%2, 0
			if k < 40 {
				fmt.Fprintf(&values, "%s,%d,%d\n", asset, k, 5+3*promo)
			} else {
				promo, future = 0, 1
			}
			fmt.Fprintf(&base, "%s,%d,%d\n", asset, k, promo)
			fmt.Fprintf(&other, "%s,%d,%d\n", asset, k, promo+future)
		}
	}
	var s dataService
	s.body, s.dataset = storedAs(t, "waves", values.String())
	s.x = make(map[string][]byte)
	var tasks []any
	var columns []job.Dataset
	for name, text := range map[string]string{"base": base.String(), "other": other.String()} {
		body, column := storedAs(t, "waves", text)
		column.Column = name
		s.x[name] = body
		task := s.task(name, func(spec *job.Spec) { spec.X = []string{name} })
		task.X = []job.Dataset{column}
		tasks, columns = append(tasks, task), append(columns, column)
	}
	beyond := s.task("beyond", func(spec *job.Spec) { spec.X, spec.Horizon = []string{columns[0].Column}, 3 })
	beyond.X = columns[:1]
	unknown := s.task("unknown", func(spec *job.Spec) { spec.X = []string{"base"} })
	measured := s.task("measured", func(spec *job.Spec) {
		spec.Kind, spec.Origins, spec.X, spec.Levels = job.KindBacktest, 3, []string{columns[0].Column}, nil
	})
	measured.X = columns[:1]
	q := newFakeQueue(t, append(tasks, beyond, unknown, measured)...)
	drain(t, q, &s)
	for i, c := range columns {
		want := map[string]float64{"base": 5, "other": 8}[c.Column]
		a := q.answer(i)
		if a.Overall == nil || a.Provenance.XSHA256[c.Column] != c.SHA256 {
			t.Fatalf("%s: %s, %+v, checksums %v", c.Column, a.State, a.Error, a.Provenance.XSHA256)
		}
		for _, v := range a.Overall.Mean {
			if math.Abs(v-want) > 1e-6 {
				t.Errorf("%s: the forecast is %v, want %v", c.Column, a.Overall.Mean, want)
			}
		}
		for _, asset := range a.Assets {
			if e := asset.X[c.Column]; math.Abs(e.Value-3) > 1e-6 || e.StdErr == nil {
				t.Errorf("%s: the effect on %s is %+v, want 3", c.Column, asset.Asset, e)
			}
		}
	}
	if a := q.answer(len(columns)); a.State != job.Failed || a.Error.Code != "x" || !strings.Contains(a.Error.Detail, `"A0" at 42`) {
		t.Errorf("beyond the future values: %s, %+v", a.State, a.Error)
	}
	if a := q.answer(len(columns) + 2); a.Backtest == nil || a.Backtest.Scores[0].MASE == nil || *a.Backtest.Scores[0].MASE > 1e-6 {
		t.Errorf("the backtest is %+v, %+v, want no error", a.Backtest, a.Error)
	}
	if end := q.messages[len(columns)+1]; end.given != "error" {
		t.Errorf("a task without its column ended with %+v", end)
	}
}
