package report

import (
	"fmt"
	"slices"

	"foliocast/internal/chart"
	"foliocast/internal/job"
)

// past finds the past of an asset or, for the empty name, of the portfolio.
func (m *maker) past(asset string) (chart.Series, string, error) {
	if m.Past == nil {
		return chart.Series{}, "", nil
	}
	s, note, err := m.Past(asset)
	if err != nil {
		return s, "", fmt.Errorf("find the values before the forecast: %w", err)
	}
	return s, note, nil
}

// naiveFrom is the naive forecast: the last value, at every step.
func naiveFrom(past chart.Series, steps int) []float64 {
	if n := len(past.Values); n > 0 {
		return slices.Repeat([]float64{past.Values[n-1]}, steps)
	}
	return nil
}

// portfolio is the forecast of the whole.
func (m *maker) portfolio() (section, bool, error) {
	f := m.Answer.Overall
	if f == nil {
		return section{}, false, nil
	}
	fan, note, err := m.overallFan()
	if err != nil {
		return section{}, false, err
	}
	s := section{ID: "portfolio", Heading: "Portfolio"}
	s.Text = append(s.Text, "The "+m.unitText()+".")
	if note != "" {
		s.Text = append(s.Text, "Its past is not shown: "+note+".")
	}
	t := m.forecastTable("Forecast of the portfolio", *f, m.overallNumbers())
	t.Open = true
	fig, err := m.figure("", fan, 380, m.table(t))
	if err != nil {
		return section{}, false, err
	}
	s.Figures = append(s.Figures, fig)
	if fig, some, err := m.drawdown(fan.Past); err != nil {
		return section{}, false, err
	} else if some {
		s.Figures = append(s.Figures, fig)
	}
	return s, true, nil
}

// forecastTable has a row for each step.
func (m *maker) forecastTable(caption string, f job.Forecast, n numbers) table {
	point := "Forecast"
	if f.Point != "" {
		point += " (" + string(f.Point) + ")"
	}
	t := table{Caption: caption, Columns: []column{whole(m.timeHeader()), right(point)}}
	levels, quantiles := ascending(f.Lo), ascending(f.Quantiles)
	for _, l := range levels {
		t.Columns = append(t.Columns, right("Lower "+l+" %"), right("Upper "+l+" %"))
	}
	for _, p := range quantiles {
		t.Columns = append(t.Columns, right("Quantile "+p))
	}
	at := times(f.DS, len(f.Mean))
	for k := range f.Mean {
		row := []string{at.Text(k), n.text(f.Mean[k])}
		for _, l := range levels {
			row = append(row, n.at(f.Lo[l], k), n.at(f.Hi[l], k))
		}
		for _, p := range quantiles {
			row = append(row, n.at(f.Quantiles[p], k))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// drawdown shows the falls of the past, and beside them those that the risk expects.
func (m *maker) drawdown(past chart.Series) (figure, bool, error) {
	f := m.Answer.Overall
	if len(past.Values) < 2 || f.Risk == nil {
		return figure{}, false, nil
	}
	d := chart.Drawdown{Title: "Falls of the portfolio from its peak", Past: past}
	base := f.Risk.Base
	if m.unit() == chart.Percent { // worth 1 at the base
		base = 1
		d.Past.Values = make([]float64, len(past.Values))
		for i, v := range past.Values {
			d.Past.Values[i] = 1 + v
		}
	}
	if !(slices.Min(d.Past.Values) > 0) || !(base > 0) {
		return figure{}, false, nil // a share of what may be negative says nothing
	}
	for _, l := range ascending(f.Risk.Drawdown) {
		d.Limits = append(d.Limits, chart.Limit{Level: l, Fall: f.Risk.Drawdown[l] / base})
	}
	fig, err := m.figure("Drawdown", d, 240, nil)
	fig.Text = "The peak is the highest value shown so far."
	return fig, true, err
}
