package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"foliocast/internal/chart"
	"foliocast/internal/job"
)

// shownComponents is how many bars the picture of components has.
const shownComponents = 20

// risk is what the portfolio may lose.
func (m *maker) risk() (section, bool, error) {
	f := m.Answer.Overall
	if f == nil {
		return section{}, false, nil
	}
	s := section{ID: "risk", Heading: "Risk"}
	if f.Risk == nil {
		s.Text = []string{"This job has no measures of risk: it asked for none, or for no intervals. --risk 95,99 asks for them."}
		if len(m.Job.Spec.Risk) > 0 {
			s.Text = []string{"This portfolio has no measures of risk: see the notes."}
		}
		return s, true, nil
	}
	r := f.Risk
	from := "counts from what the portfolio is worth at the origin, " + m.overallNumbers().text(r.Base)
	if r.Base == 0 {
		from = "is a return below 0"
	}
	s.Text = []string{fmt.Sprintf("A loss is positive, and %s. The value at risk is the loss that is not exceeded with the probability of its level; "+
		"the expected shortfall is the mean of the losses beyond it. All rests on %s, at which the errors of all assets are known together.", from, count(r.Origins, "origin"))}
	if r.Diversification != nil {
		s.Text = append(s.Text, fmt.Sprintf("Diversification: the volatilities of the assets alone add up to %s times that of the portfolio, at the last step.", chart.Number(*r.Diversification, 2)))
	}
	s.Figures = append(s.Figures, figure{Table: m.table(m.riskTable(f))})
	if len(r.Components) == 0 {
		return s, true, nil
	}
	fig, err := m.components(r)
	s.Figures = append(s.Figures, fig)
	return s, true, err
}

// riskTable has a row for each step.
func (m *maker) riskTable(f *job.Forecast) table {
	r, n := f.Risk, m.overallNumbers()
	t := table{Caption: "Risk of the portfolio from the origin to each step", Open: true,
		Columns: []column{whole(m.timeHeader()), right("Volatility"), right("Probability of a loss")}}
	levels := ascending(r.VaR)
	for _, l := range levels {
		t.Columns = append(t.Columns, right("VaR "+l+" %"), right("ES "+l+" %"))
	}
	at := times(f.DS, len(f.Mean))
	for k := range f.Mean {
		row := []string{at.Text(k), n.at(r.Volatility, k), chart.Significant(r.LossProbability[k], 1, chart.Percent)}
		for _, l := range levels {
			row = append(row, n.at(r.VaR[l], k), n.at(r.ES[l], k))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// components shows what each asset adds to the value at risk of the highest level.
func (m *maker) components(r *job.Risk) (figure, error) {
	levels, n := ascending(r.VaR), m.overallNumbers()
	top := levels[len(levels)-1]
	names := slices.SortedFunc(maps.Keys(r.Components), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Components[b].VaR[top], r.Components[a].VaR[top]), strings.Compare(a, b))
	})
	c := chart.Bars{Title: "What each asset adds to the value at risk of " + top + " %", Unit: m.unit(), Whole: "the value at risk of " + top + " %"}
	t := table{Caption: "What each asset adds to the risk at the last step", Columns: []column{left("Asset")}}
	for _, l := range levels {
		t.Columns = append(t.Columns, right("VaR "+l+" %"), right("ES "+l+" %"))
	}
	rest := 0.0
	for i, name := range names {
		part := r.Components[name]
		if i < shownComponents {
			c.Parts = append(c.Parts, chart.Part{Name: name, Value: part.VaR[top]})
		} else {
			rest += part.VaR[top]
		}
		row := []string{name}
		for _, l := range levels {
			row = append(row, n.text(part.VaR[l]), n.text(part.ES[l]))
		}
		t.Rows = append(t.Rows, row)
	}
	if more := len(names) - shownComponents; more > 0 {
		c.Parts = append(c.Parts, chart.Part{Name: count(more, "more asset"), Value: rest})
	}
	fig, err := m.figure("Components of the value at risk", c, 0, m.table(t))
	fig.Text = "At the last step. The assets add up to the whole; one that is negative hedges the others."
	return fig, err
}
