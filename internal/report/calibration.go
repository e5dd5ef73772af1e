package report

import (
	"fmt"
	"strconv"

	"foliocast/internal/chart"
	"foliocast/internal/job"
)

// calibration is how the intervals and the risk of past forecasts held.
func (m *maker) calibration() (section, bool, error) {
	b := m.Answer.Backtest
	if b == nil || b.Risk == nil {
		return section{}, false, nil
	}
	r := b.Risk
	s := section{ID: "calibration", Heading: "How intervals and risk held", Grid: true}
	s.Text = []string{fmt.Sprintf("Model %s, forecast from %s. Right intervals hold as many values as their level says, in calm and in restless times; right distributions have the values spread evenly over them; "+
		"and losses beyond the value at risk are as frequent as its level leaves, and do not come in clusters.", r.Model, count(r.Origins, "origin"))}
	for _, of := range []struct {
		name  string
		steps []job.RiskStep
	}{{"the portfolio", r.Overall}, {"all assets together", r.Assets}} {
		if len(of.steps) == 0 {
			continue
		}
		s.Tables = append(s.Tables, *m.table(intervalTable(of.name, of.steps)))
		if bands := bandTable(of.name, of.steps); len(bands.Rows) > 0 {
			s.Tables = append(s.Tables, *m.table(bands))
		}
		s.Tables = append(s.Tables, *m.table(tailTable(of.name, of.steps)))
		for _, step := range ends(of.steps) {
			figures, err := m.calibrationOf(of.name, step)
			if err != nil {
				return s, false, err
			}
			s.Figures = append(s.Figures, figures...)
		}
	}
	return s, true, nil
}

// ends are the first and the last step.
func ends(steps []job.RiskStep) []job.RiskStep {
	if len(steps) < 2 {
		return steps
	}
	return []job.RiskStep{steps[0], steps[len(steps)-1]}
}

// calibrationOf draws how the forecasts of a step held.
func (m *maker) calibrationOf(name string, step job.RiskStep) (all []figure, err error) {
	at := fmt.Sprintf(", step %d, %s", step.Step, name)
	add := func(heading, text string, d drawn, height float64, t *table) {
		if err != nil {
			return
		}
		f := figure{Heading: heading + at, Text: text, Table: t}
		f.Wide, err = m.inline(d, chart.Size{Width: small, Height: height})
		all = append(all, f)
	}
	single := 0 // how many independent values there are; several assets on the same dates are not
	if step.Record != nil {
		single = step.Values
	}
	coverage := chart.Coverage{Title: "Coverage of intervals" + at}
	for _, l := range ascending(step.Intervals) {
		if level, fault := strconv.ParseFloat(l, 64); fault == nil {
			coverage.Levels = append(coverage.Levels, chart.Covered{Level: level, Share: step.Intervals[l].Coverage, Number: single})
		}
	}
	if len(coverage.Levels) > 0 {
		add("Coverage", "", coverage, 300, nil)
		add("Where the values were", "Even bars are right. Humps at both ends: too narrow.", chart.PIT{Title: "Values in their predictive distributions" + at, Counts: step.PIT, Independent: step.Record != nil}, 260, m.table(pitTable(step)))
		if groups := deciles(step, at); len(groups.Groups) > 0 {
			add("By volatility", "", groups, 260, nil)
		}
	}
	if step.Record == nil {
		return all, err
	}
	for _, l := range ascending(step.Tails) {
		hits := m.hits(step.Record, l, at)
		tail := step.Tails[l]
		f, err := m.figure("Losses and value at risk "+l+" %"+at, hits, 260, m.table(hitTable(hits, m.timeHeader())))
		if err != nil {
			return all, err
		}
		f.Span = true
		f.Text = fmt.Sprintf("%d losses beyond it, %s expected. Kupiec: %s. Christoffersen: independence %s, both at once %s.", tail.Hits, chart.Number(tail.Expected, 1),
			pText(tail.Kupiec), pText(tail.Markov), pText(tail.Both))
		all = append(all, f)
	}
	return all, err
}

// pText is a p-value.
func pText(p *float64) string {
	switch {
	case p == nil:
		return "not tested"
	case *p < 0.001:
		return "p < 0.001"
	}
	return "p = " + chart.Number(*p, 3)
}

// hits are the gains at the origins and the value at risk of a level.
func (m *maker) hits(r *job.RiskRecord, level, at string) chart.Hits {
	h := chart.Hits{Title: "Gains, losses and value at risk of " + level + " %" + at, Unit: m.unit(), Times: chart.ParseTimes(r.DS), VaR: r.VaR[level], Level: level}
	for k, y := range r.Y {
		h.Gain = append(h.Gain, y-r.Base[k])
	}
	return h
}

// deciles is the coverage of the widest interval by volatility; it has no groups where that is unknown.
func deciles(step job.RiskStep, at string) chart.Groups {
	var g chart.Groups
	for _, l := range ascending(step.Intervals) {
		level, err := strconv.ParseFloat(l, 64)
		if err != nil {
			continue
		}
		g = chart.Groups{Title: "Coverage of the " + l + " % interval by volatility" + at, Name: "decile of volatility, the calmest first", Level: level, Independent: step.Record != nil}
		for _, d := range step.Intervals[l].Volatility {
			group := chart.Group{Number: d.Values}
			if d.Values > 0 {
				group.Share = float64(d.Inside) / float64(d.Values)
			}
			g.Groups = append(g.Groups, group)
		}
	}
	return g
}

// intervalTable has a row for each step and level.
func intervalTable(name string, steps []job.RiskStep) table {
	t := table{Caption: "Intervals of " + name + ", beside normal ones of exponentially weighted variance (EWMA)", Open: true,
		Columns: []column{right("Step"), right("Level"), right("Values"), right("Inside"), right("Score"), right("Inside, EWMA"), right("Score, EWMA")}}
	for _, step := range steps {
		for _, l := range ascending(step.Intervals) {
			i := step.Intervals[l]
			t.Rows = append(t.Rows, []string{strconv.Itoa(step.Step), l + " %", chart.Number(float64(step.Values), 0), chart.Significant(i.Coverage, 1, chart.Percent), number(i.Score),
				chart.Significant(i.EWMA, 1, chart.Percent), number(i.EWMAScore)})
		}
	}
	return t
}

// bandTable has a row for each step and level.
func bandTable(name string, steps []job.RiskStep) table {
	t := table{Caption: "Bands of " + name + ": paths that lie inside up to a step", Open: true,
		Columns: []column{right("Step"), right("Level"), right("Paths"), right("Inside")}}
	for _, step := range steps {
		for _, l := range ascending(step.Bands) {
			b := step.Bands[l]
			t.Rows = append(t.Rows, []string{strconv.Itoa(step.Step), l + " %", chart.Number(float64(b.Values), 0),
				chart.Significant(float64(b.Inside)/float64(max(b.Values, 1)), 1, chart.Percent)})
		}
	}
	return t
}

// tailTable has a row for each step and level.
func tailTable(name string, steps []job.RiskStep) table {
	t := table{Caption: "Value at risk and expected shortfall of " + name, Open: true,
		Columns: []column{right("Step"), right("Level"), right("Losses beyond"), right("Expected"), right("Kupiec"), right("Independence"), right("Both"), right("Z2"), right("Z2, p")}}
	for _, step := range steps {
		for _, l := range ascending(step.Tails) {
			tail := step.Tails[l]
			t.Rows = append(t.Rows, []string{strconv.Itoa(step.Step), l + " %", chart.Number(float64(tail.Hits), 0), chart.Number(tail.Expected, 1),
				measure(tail.Kupiec), measure(tail.Markov), measure(tail.Both), measure(tail.Z2), measure(tail.Z2P)})
		}
	}
	return t
}

func number(v float64) string { return fmt.Sprintf("%.4g", v) }

// pitTable has a row for each part of the distribution.
func pitTable(step job.RiskStep) table {
	t := table{Caption: "Values in each part of their predictive distributions", Columns: []column{left("Part"), right("Values")}}
	n := float64(len(step.PIT))
	for i, c := range step.PIT {
		t.Rows = append(t.Rows, []string{chart.Number(100*float64(i)/n, 0) + " to " + chart.Number(100*float64(i+1)/n, 0) + " %", chart.Number(float64(c), 0)})
	}
	return t
}

// hitTable has a row for each loss beyond the value at risk.
func hitTable(h chart.Hits, times string) table {
	t := table{Caption: "Losses beyond the value at risk of " + h.Level + " %", Columns: []column{left(times), right("Loss"), right("Value at risk")}}
	for k, g := range h.Gain {
		if -g > h.VaR[k] {
			t.Rows = append(t.Rows, []string{h.Times.Text(k), chart.Significant(-g, h.VaR[k], h.Unit), chart.Significant(h.VaR[k], h.VaR[k], h.Unit)})
		}
	}
	return t
}
