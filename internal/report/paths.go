package report

import (
	"fmt"
	"math"
	"slices"

	"foliocast/internal/chart"
)

// paths are ways that the portfolio may take, where the answer has them.
func (m *maker) paths() (section, bool, error) {
	f := m.Answer.Overall
	if f == nil || len(f.Paths) == 0 {
		return section{}, false, nil
	}
	past, _, err := m.past("")
	if err != nil {
		return section{}, false, err
	}
	if n := len(past.Values); n > 2*len(f.Mean) { // the paths are what matters here
		from := n - max(2*len(f.Mean), 20)
		past = past.From(max(from, 0))
	}
	s := section{ID: "paths", Heading: "Paths", Text: []string{fmt.Sprintf("%s that the portfolio may take, drawn from %s at which the errors of all assets are known together. "+
		"Unlike the intervals, a path has the dependence from step to step in it.", count(len(f.Paths), "path"), count(f.Origins, "origin"))}}
	p := chart.Paths{Title: "Paths of the portfolio", Unit: m.unit(), Past: past, Ahead: times(f.DS, len(f.Mean)), Paths: f.Paths}
	n := m.overallNumbers()
	t := table{Caption: "Quantiles of the paths at each step", Columns: []column{left(m.timeHeader())}}
	for _, q := range []float64{0.05, 0.25, 0.5, 0.75, 0.95} {
		values := quantiles(f.Paths, len(f.Mean), q)
		name := chart.Number(100*q, 0) + " %"
		if q == 0.05 || q == 0.5 || q == 0.95 {
			p.Quantiles = append(p.Quantiles, chart.Quantile{Name: name, Values: values})
		}
		t.Columns = append(t.Columns, right(name))
		for k, v := range values {
			if k >= len(t.Rows) {
				t.Rows = append(t.Rows, []string{p.Ahead.Text(k)})
			}
			t.Rows[k] = append(t.Rows[k], n.text(v))
		}
	}
	fig, err := m.figure("", p, 340, m.table(t))
	s.Figures = append(s.Figures, fig)
	return s, true, err
}

// quantiles are the least values that at least the share p of the paths do not exceed, at each step.
func quantiles(paths [][]float64, steps int, p float64) []float64 {
	out := make([]float64, steps)
	at := make([]float64, len(paths))
	for k := range out {
		for i, path := range paths {
			at[i] = path[k]
		}
		slices.Sort(at)
		out[k] = at[max(int(math.Ceil(p*float64(len(at))))-1, 0)]
	}
	return out
}
