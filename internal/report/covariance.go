package report

import (
	"fmt"
	"math"

	"foliocast/internal/chart"
	"foliocast/internal/job"
)

// shownCorrelations is how many assets a matrix is shown of at most: more cells would be too small to see.
const shownCorrelations = 60

// correlation is how the errors of the assets vary together, where the answer has it.
func (m *maker) correlation() (section, bool, error) {
	f := m.Answer.Overall
	if f == nil || f.Covariance == nil || len(f.Covariance.Steps) == 0 {
		return section{}, false, nil
	}
	c := f.Covariance
	last := len(c.Steps) - 1
	s := section{ID: "correlation", Heading: "Correlation of errors"}
	if n := len(c.Assets); n > shownCorrelations {
		s.Text = []string{fmt.Sprintf("The matrix of %s is too large to show: the JSON form of the answer has it.", count(n, "asset"))}
		return s, true, nil
	}
	s.Text = []string{fmt.Sprintf("How the errors of the forecasts, as a %s, vary together at the last step: estimated by shrinkage (%s) from %s whose horizons do not overlap.",
		c.Of, c.Method[last], count(c.Origins[last], "origin"))}
	h := chart.Heat{Title: "Correlation of the errors of the assets", Names: c.Assets, Values: correlations(c.Steps[last])}
	t := table{Caption: h.Title, Columns: []column{left("Asset")}}
	for i, name := range c.Assets {
		t.Columns = append(t.Columns, right(name))
		row := []string{name}
		for _, v := range h.Values[i] {
			row = append(row, chart.Number(v, 2))
		}
		t.Rows = append(t.Rows, row)
	}
	fig, err := m.figure("", h, 0, m.table(t))
	s.Figures = append(s.Figures, fig)
	return s, true, err
}

// correlations are those of a matrix of covariances.
func correlations(covariance [][]float64) [][]float64 {
	out := make([][]float64, len(covariance))
	for i, row := range covariance {
		out[i] = make([]float64, len(row))
		for j, v := range row {
			out[i][j] = v / math.Sqrt(covariance[i][i]*covariance[j][j])
		}
	}
	return out
}

// joint is the widest band that holds for all steps together, or nil.
func joint(b *job.Band) *chart.Interval {
	if b == nil {
		return nil
	}
	l := widest(b.Lo)
	if l == "" {
		return nil
	}
	return &chart.Interval{Level: l, Lo: b.Lo[l], Hi: b.Hi[l]}
}
