package backtesttable

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

// The names of what is no asset.
const (
	together = "(all assets)"
	overall  = "(overall)"
)

// RiskWriter writes how intervals and risk held as CSV, with every digit: a line for each series, step and level, those of intervals before
// those of bands, and these before those of risk.
type RiskWriter struct{ csv *csv.Writer }

// NewRiskWriter writes the header, and the lines of the portfolio and of all assets together.
func NewRiskWriter(w io.Writer, r job.BacktestRisk) (*RiskWriter, error) {
	out := &RiskWriter{csv.NewWriter(w)}
	err := out.csv.Write([]string{"series", "step", "of", "level", "values", "coverage", "score", "ewma-coverage", "ewma-score", "least-coverage-of-a-decile",
		"hits", "expected", "kupiec-p", "independence-p", "conditional-p", "z2", "z2-p", "pit-p"})
	for _, part := range []struct {
		name  string
		steps []job.RiskStep
	}{{overall, r.Overall}, {together, r.Assets}} {
		if err == nil {
			err = out.Write(part.name, part.steps)
		}
	}
	return out, err
}

// Write adds the lines of a series.
func (w *RiskWriter) Write(series string, steps []job.RiskStep) error {
	for _, s := range steps {
		head := []string{series, strconv.Itoa(s.Step)}
		for _, level := range ascending(s.Intervals) {
			i := s.Intervals[level]
			row := append(slices.Clone(head), "interval", level, strconv.Itoa(s.Values))
			for _, v := range []float64{i.Coverage, i.Score, i.EWMA, i.EWMAScore, least(i.Volatility)} {
				row = append(row, fmt.Sprintf("%g", v))
			}
			if err := w.csv.Write(append(row, "", "", "", "", "", "", "", cell(s.PITP, "%g"))); err != nil {
				return err
			}
		}
		for _, level := range ascending(s.Bands) {
			b := s.Bands[level]
			row := append(slices.Clone(head), "band", level, strconv.Itoa(b.Values), fmt.Sprintf("%g", held(b)))
			if err := w.csv.Write(append(row, slices.Repeat([]string{""}, 12)...)); err != nil {
				return err
			}
		}
		for _, level := range ascending(s.Tails) {
			t := s.Tails[level]
			row := append(slices.Clone(head), "risk", level, strconv.Itoa(s.Values), "", "", "", "", "", strconv.Itoa(t.Hits), fmt.Sprintf("%g", t.Expected))
			for _, v := range []*float64{t.Kupiec, t.Markov, t.Both, t.Z2, t.Z2P} {
				row = append(row, cell(v, "%g"))
			}
			if err := w.csv.Write(append(row, cell(s.PITP, "%g"))); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush ends the table.
func (w *RiskWriter) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// least is the least coverage of a decile that has values.
func least(all []job.Decile) float64 {
	low := 1.0
	for _, d := range all {
		if d.Values > 0 {
			low = min(low, float64(d.Inside)/float64(d.Values))
		}
	}
	return low
}

// held is the share of the paths inside a band.
func held(b job.BandScore) float64 { return float64(b.Inside) / float64(max(b.Values, 1)) }

// writeRisk writes the tables of intervals, bands and risk: every step of the portfolio and of all assets together, and the last step of each
// asset.
func writeRisk(w io.Writer, r job.BacktestRisk, assets []job.Asset) error {
	var intervals, bands, tails [][]string
	add := func(name string, steps []job.RiskStep) {
		for _, s := range steps {
			intervals = append(intervals, intervalRows(name, s)...)
			bands = append(bands, bandRows(name, s)...)
			tails = append(tails, tailRows(name, s)...)
		}
	}
	add(overall, r.Overall)
	add(together, r.Assets)
	for _, a := range assets {
		add(a.Asset, a.Risk[max(len(a.Risk)-1, 0):])
	}
	if _, err := fmt.Fprintf(w, "Forecasts of %s from %d origins, a horizon apart\n\n", r.Model, r.Origins); err != nil {
		return err
	}
	left, right := texttable.Left, texttable.Right
	if err := texttable.Write(w, []texttable.Column{left("INTERVALS"), right("STEP"), right("LEVEL"), right("VALUES"), right("COVERAGE"), right("IN WORST DECILE"),
		right("SCORE"), right("EWMA SCORE"), right("EWMA COVERAGE"), right("PIT P")}, intervals); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if len(bands) > 0 {
		if err := texttable.Write(w, []texttable.Column{left("BANDS"), right("UP TO STEP"), right("LEVEL"), right("PATHS"), right("INSIDE")}, bands); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	if err := texttable.Write(w, []texttable.Column{left("RISK"), right("STEP"), right("LEVEL"), right("HITS"), right("EXPECTED"), right("KUPIEC P"), right("INDEPENDENCE P"),
		right("BOTH P"), right("Z2"), right("Z2 P")}, tails); err != nil {
		return err
	}
	for _, t := range r.Passed {
		if _, err := fmt.Fprintf(w, "%s at %s %%, step %d: of %d assets %d pass Kupiec's test at 5 %%, %d Christoffersen's of independence, %d both at once, %d that of the expected shortfall.\n",
			"Value at risk", t.Level, t.Step, t.Assets, t.Kupiec, t.Markov, t.Both, t.Z2); err != nil {
			return err
		}
	}
	return nil
}

func intervalRows(name string, s job.RiskStep) (rows [][]string) {
	for _, level := range ascending(s.Intervals) {
		i := s.Intervals[level]
		rows = append(rows, []string{name, strconv.Itoa(s.Step), level, strconv.Itoa(s.Values), fmt.Sprintf("%.3f", i.Coverage), fmt.Sprintf("%.3f", least(i.Volatility)),
			fmt.Sprintf("%.4g", i.Score), fmt.Sprintf("%.4g", i.EWMAScore), fmt.Sprintf("%.3f", i.EWMA), cell(s.PITP, "%.3f")})
	}
	return rows
}

func bandRows(name string, s job.RiskStep) (rows [][]string) {
	for _, level := range ascending(s.Bands) {
		b := s.Bands[level]
		rows = append(rows, []string{name, strconv.Itoa(s.Step), level, strconv.Itoa(b.Values), fmt.Sprintf("%.3f", held(b))})
	}
	return rows
}

func tailRows(name string, s job.RiskStep) (rows [][]string) {
	for _, level := range ascending(s.Tails) {
		t := s.Tails[level]
		row := []string{name, strconv.Itoa(s.Step), level, strconv.Itoa(t.Hits), strings.TrimSuffix(fmt.Sprintf("%.1f", t.Expected), ".0")}
		for _, v := range []*float64{t.Kupiec, t.Markov, t.Both, t.Z2, t.Z2P} {
			row = append(row, cell(v, "%.3f"))
		}
		rows = append(rows, row)
	}
	return rows
}
