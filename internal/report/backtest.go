package report

import (
	"fmt"
	"strconv"

	"foliocast/internal/backtesttable"
	"foliocast/internal/chart"
	"foliocast/internal/job"
)

// backtest is how the models did on what was held out.
func (m *maker) backtest() (section, bool, error) {
	b := m.Answer.Backtest
	if b == nil {
		return section{}, false, nil
	}
	s := section{ID: "accuracy", Heading: "Accuracy", Text: backtesttable.Sentences(*b)}
	if len(b.Scores) > 0 {
		s.Tables = append(s.Tables, *m.table(scoreTable("Accuracy of the models", b.Scores)))
	}
	for _, k := range b.Kinds {
		s.Tables = append(s.Tables, *m.table(scoreTable("Accuracy on series of the kind "+k.Kind, k.Scores)))
	}
	for _, score := range b.Scores {
		c := chart.Coverage{Title: "Coverage of the intervals of " + score.Model}
		t := table{Caption: c.Title, Columns: []column{left("Level"), right("Values inside")}}
		for _, l := range ascending(score.Coverage) {
			level, err := strconv.ParseFloat(l, 64)
			if share := score.Coverage[l]; err == nil && share != nil {
				c.Levels = append(c.Levels, chart.Covered{Level: level, Share: *share})
				t.Rows = append(t.Rows, []string{l + " %", chart.Significant(*share, 1, chart.Percent)})
			}
		}
		if len(c.Levels) == 0 {
			continue
		}
		f := figure{Heading: score.Model, Table: m.table(t)}
		var err error
		if f.Wide, err = m.inline(c, chart.Size{Width: small, Height: 300}); err != nil {
			return s, false, err
		}
		s.Figures, s.Grid = append(s.Figures, f), true
	}
	return s, len(s.Text)+len(s.Tables) > 0, nil
}

// scoreTable has a row for each model.
func scoreTable(caption string, scores []job.Score) table {
	t := table{Caption: caption, Open: true, Columns: []column{left("Model"), right("Series"), right("Forecasts"), right("sMAPE"), right("MASE"), right("OWA"), right("WQL")}}
	for _, s := range scores {
		t.Rows = append(t.Rows, []string{s.Model, chart.Number(float64(s.Series), 0), chart.Number(float64(s.Forecasts), 0), measure(s.SMAPE), measure(s.MASE), measure(s.OWA), measure(s.WQL)})
	}
	return t
}

// measure is a number, or a dash where it is undefined.
func measure(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.4g", *v)
}
