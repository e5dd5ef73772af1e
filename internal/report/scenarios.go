package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"foliocast/internal/chart"
	"foliocast/internal/job"
)

// shownOutcomes is how many assets the picture of a scenario has at most.
const shownOutcomes = 12

// scenarios are what was asked whether it may happen, and what it would mean.
func (m *maker) scenarios() (section, bool, error) {
	f := m.Answer.Overall
	if f == nil || len(f.Scenarios) == 0 {
		return section{}, false, nil
	}
	s := section{ID: "scenarios", Heading: "Scenarios", Grid: true, Text: []string{"What is to be expected if some assets move to the first step as given, by what the errors of all say at the same dates. " +
		"Bars are changes at the last step, as a share of the last value."}}
	for _, o := range f.Scenarios {
		fig, err := m.scenario(o)
		if err != nil {
			return s, false, err
		}
		s.Figures = append(s.Figures, fig)
	}
	return s, true, nil
}

func (m *maker) scenario(o job.Outcome) (figure, error) {
	names := slices.SortedFunc(maps.Keys(o.Assets), func(a, b string) int {
		return cmp.Or(cmp.Compare(math.Abs(atEnd(o.Assets[b])), math.Abs(atEnd(o.Assets[a]))), strings.Compare(a, b))
	})
	bars := chart.Bars{Title: "What " + o.Name + " means at the last step", Unit: chart.Percent}
	t := table{Caption: "Changes in " + o.Name + " at the last step", Columns: []column{left(""), right("Given"), right("Expected change"), right("Volatility")}}
	t.Columns[0].Text = "Asset"
	add := func(name, given string, c job.Change, shown bool) {
		if shown {
			bars.Parts = append(bars.Parts, chart.Part{Name: name, Value: atEnd(c)})
		}
		k := len(c.Volatility) - 1
		t.Rows = append(t.Rows, []string{name, given, signed(atEnd(c)), chart.Significant(c.Volatility[k], 0.1, chart.Percent)})
	}
	add("Portfolio", "", o.Overall, true)
	var given []string
	for i, name := range names {
		text := ""
		if v, ok := o.Shocks[name]; ok {
			text = signed(v)
			given = append(given, name+" "+text)
		}
		add(name, text, o.Assets[name], i < shownOutcomes)
	}
	f := figure{Heading: o.Name, Text: fmt.Sprintf("Given at the first step: %s. From %s.", strings.Join(given, ", "), count(o.Origins, "origin")), Table: m.table(t)}
	f.Table.Open = false
	var err error
	f.Wide, err = m.inline(bars, chart.Size{Width: small})
	return f, err
}

// atEnd is the change at the last step; NaN where it is not known.
func atEnd(c job.Change) float64 {
	if n := len(c.Change); n > 0 {
		return c.Change[n-1]
	}
	return math.NaN()
}

// benchmark compares the portfolio with its benchmark, where the answer does.
func (m *maker) benchmark() (section, bool, error) {
	f := m.Answer.Overall
	if f == nil || f.Relative == nil {
		return section{}, false, nil
	}
	r := f.Relative
	t := table{Caption: "The portfolio compared with " + r.Benchmark, Open: true,
		Columns: []column{whole(m.timeHeader()), right("Return beyond it"), right("Beta"), right("Correlation"), right("Tracking error"), right("Probability of less")}}
	levels := ascending(r.VaR)
	for _, l := range levels {
		t.Columns = append(t.Columns, right("VaR "+l+" %"), right("ES "+l+" %"))
	}
	share := func(v float64) string { return chart.Significant(v, 0.1, chart.Percent) }
	at := times(f.DS, len(r.Mean))
	for k := range r.Mean {
		row := []string{at.Text(k), signed(r.Mean[k]), measure(r.Beta[k]), measure(r.Correlation[k]), share(r.TrackingError[k]), share(r.Underperformance[k])}
		for _, l := range levels {
			row = append(row, share(r.VaR[l][k]), share(r.ES[l][k]))
		}
		t.Rows = append(t.Rows, row)
	}
	return section{ID: "benchmark", Heading: "Benchmark", Text: []string{fmt.Sprintf("Returns of the portfolio beside those of %s, from the origin to each step, by %s.", r.Benchmark, count(r.Origins, "origin"))},
		Tables: []table{*m.table(t)}}, true, nil
}
