package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"foliocast/internal/chart"
	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
)

// assets are small pictures of those that count most, and a table of all.
func (m *maker) assets() (section, bool, error) {
	all := m.Answer.Assets
	if len(all) == 0 || m.Answer.Backtest != nil {
		return section{}, false, nil
	}
	s := section{ID: "assets", Heading: "Assets", Grid: true}
	shown := m.heaviest()
	s.Text = []string{"Lines and areas mean the same as in the picture of the portfolio."}
	if len(shown) < len(all) {
		s.Text = append(s.Text, fmt.Sprintf("The pictures are of the %s that count most; the table has all of them.", count(len(shown), "asset")))
	}
	if m.More {
		s.Text[len(s.Text)-1] = fmt.Sprintf("The page has the first %s of the answer; foliocast job result has all.", count(len(all), "asset"))
	}
	for _, a := range shown {
		fig, err := m.asset(a)
		if err != nil {
			return s, false, err
		}
		s.Figures = append(s.Figures, fig)
	}
	s.Tables = append(s.Tables, *m.table(m.assetTable()))
	return s, true, nil
}

// heaviest are the assets with a forecast that count most in the portfolio, in the job's order where they count alike.
func (m *maker) heaviest() []job.Asset {
	s := m.Job.Spec
	weight := func(a job.Asset) float64 {
		switch {
		case s.Holdings != nil && len(a.Mean) > 0:
			return math.Abs(s.Holdings[a.Asset] * a.Mean[0])
		case s.Weights != nil:
			return s.Weights[a.Asset]
		}
		return 1
	}
	shown := slices.DeleteFunc(slices.Clone(m.Answer.Assets), func(a job.Asset) bool { return a.Error != nil || len(a.Mean) == 0 })
	slices.SortStableFunc(shown, func(a, b job.Asset) int { return cmp.Compare(weight(b), weight(a)) })
	return shown[:min(len(shown), shownAssets)]
}

func (m *maker) asset(a job.Asset) (figure, error) {
	fan, err := m.assetFan(a)
	if err != nil {
		return figure{}, err
	}
	f := figure{Heading: a.Asset, Text: "Model " + a.Model + "."}
	if a.Skill != nil {
		f.Text = fmt.Sprintf("Model %s, skill %s.", a.Model, chart.Number(*a.Skill, 3))
	}
	f.Wide, err = m.inline(fan, chart.Size{Width: small, Height: 220, NoLegend: true})
	f.Table = m.table(m.forecastTable("Forecast of "+a.Asset, job.Forecast{Point: a.Point, DS: a.DS, Mean: a.Mean, Lo: a.Lo, Hi: a.Hi, Quantiles: a.Quantiles},
		numbersOf(a.Mean, a.Lo, a.Hi, chart.Plain)))
	f.Table.Open = false
	return f, err
}

// assetTable has a row for each asset, with its forecast at the last step.
func (m *maker) assetTable() table {
	t := table{Caption: "All assets, at the last step", Open: true, Columns: []column{left("Asset"), left("Model"), right("Skill"), whole(m.timeHeader()), right("Forecast")}}
	level := ""
	for _, a := range m.Answer.Assets {
		if level = widest(a.Lo); level != "" {
			t.Columns = append(t.Columns, right("Lower "+level+" %"), right("Upper "+level+" %"))
			break
		}
	}
	for _, a := range m.Answer.Assets {
		k := len(a.Mean) - 1
		if a.Error != nil || k < 0 {
			t.Rows = append(t.Rows, append([]string{a.Asset, "no forecast"}, slices.Repeat([]string{""}, len(t.Columns)-2)...))
			continue
		}
		n := numbersOf(a.Mean, a.Lo, a.Hi, chart.Plain)
		skill := ""
		if a.Skill != nil {
			skill = chart.Number(*a.Skill, 3)
		}
		row := []string{a.Asset, a.Model, skill, times(a.DS, len(a.Mean)).Text(k), n.text(a.Mean[k])}
		if level != "" {
			row = append(row, n.at(a.Lo[level], k), n.at(a.Hi[level], k))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// shownNotes is how many sentences a page has at most.
const shownNotes = 100

// notes say what the numbers do not.
func (m *maker) notes() (section, bool, error) {
	all := forecasttable.Sentences(m.Answer)
	if len(all) == 0 {
		return section{}, false, nil
	}
	s := section{ID: "notes", Heading: "Notes", Text: all}
	if more := len(all) - shownNotes; more > 0 {
		s.Text = append(all[:shownNotes:shownNotes], fmt.Sprintf("%s more, which foliocast job result has.", count(more, "note")))
	}
	return s, true, nil
}
