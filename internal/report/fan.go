package report

import (
	"fmt"
	"strings"

	"foliocast/internal/chart"
	"foliocast/internal/job"
)

// Missing says why there is no picture.
type Missing struct{ reason string }

func (e *Missing) Error() string { return e.reason }

// Fan is the picture of the forecast of an asset or, for the empty name, of the portfolio. The error is a *Missing where there is none,
// and otherwise that of [Past].
func (r Report) Fan(asset string) (chart.Fan, error) {
	if err := checkShape(r.Answer); err != nil {
		return chart.Fan{}, err
	}
	m := &maker{Report: r}
	if r.Answer.Backtest != nil {
		return chart.Fan{}, &Missing{"a backtest has no forecast to draw: foliocast job report shows what it measured"}
	}
	if asset == "" {
		if r.Answer.Overall == nil {
			return chart.Fan{}, &Missing{"the job has no forecast of the portfolio: name an asset with --asset"}
		}
		fan, _, err := m.overallFan()
		return fan, err
	}
	for _, a := range r.Answer.Assets {
		switch {
		case a.Asset != asset:
		case a.Error != nil:
			return chart.Fan{}, &Missing{asset + " has no forecast: " + a.Error.Detail}
		default:
			return m.assetFan(a)
		}
	}
	return chart.Fan{}, &Missing{fmt.Sprintf("the job has no asset %q; it has %s", asset, some(r.Answer.Assets))}
}

// some are the names of the first assets.
func some(assets []job.Asset) string {
	const shown = 8
	var names []string
	for _, a := range assets[:min(len(assets), shown)] {
		names = append(names, a.Asset)
	}
	if more := len(assets) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// overallFan is the fan of the portfolio. The note says why it has no past.
func (m *maker) overallFan() (fan chart.Fan, note string, err error) {
	f := m.Answer.Overall
	past, note, err := m.past("")
	return chart.Fan{Title: "Forecast of the portfolio", Unit: m.unit(), Past: past, Ahead: times(f.DS, len(f.Mean)), Point: f.Mean,
		PointName: string(f.Point), Intervals: intervals(f.Lo, f.Hi), Joint: joint(f.Band), Naive: naiveFrom(past, len(f.Mean))}, note, err
}

func (m *maker) assetFan(a job.Asset) (chart.Fan, error) {
	past, _, err := m.past(a.Asset)
	return chart.Fan{Title: "Forecast of " + a.Asset, Past: past, Ahead: times(a.DS, len(a.Mean)), Point: a.Mean, PointName: string(a.Point),
		Intervals: intervals(a.Lo, a.Hi), Joint: joint(a.Band)}, err
}
