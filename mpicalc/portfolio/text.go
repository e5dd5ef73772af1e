package portfolio

import (
	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// The forms in which the ranks write the numbers of a forecast as text.
const (
	// CSV is that of [forecasttable.Shape.AppendNumbers].
	CSV spmd.Form = iota + 1
	// JSON is that of [job.Asset.AppendValues].
	JSON
)

// Write is for the ranks: it appends the numbers of a forecast that was made with options o, as t says. It appends nothing where
// they are no numbers of JSON.
func Write(b []byte, t spmd.Text, o *forecast.Options, r *forecast.Result) []byte {
	first := func(rows [][]float64, n int) (out [][]float64) {
		for _, row := range rows[:min(n, len(rows))] {
			out = append(out, row[:t.Steps])
		}
		return out
	}
	mean, lo, hi, quantiles := r.Mean[:t.Steps], first(r.Lo, t.Levels), first(r.Hi, t.Levels), first(r.Quantiles, t.Quantiles)
	bandLo, bandHi := first(r.BandLo, t.Bands), first(r.BandHi, t.Bands)
	switch t.Form {
	case CSV:
		shape := forecasttable.Shape{Levels: o.Levels[:t.Levels], Quantiles: o.Quantiles[:t.Quantiles], Bands: o.Bands[:t.Bands]}
		return shape.AppendNumbers(b, forecasttable.Rows{Mean: mean, Lo: lo, Hi: hi, Quantiles: quantiles, BandLo: bandLo, BandHi: bandHi})
	case JSON:
		a := job.Asset{Mean: mean, Lo: named(o.Levels[:t.Levels], lo, job.Level), Hi: named(o.Levels[:t.Levels], hi, job.Level),
			Quantiles: named(o.Quantiles[:t.Quantiles], quantiles, job.Quantile),
			Band:      bandOf(named(o.Bands[:t.Bands], bandLo, job.Level), named(o.Bands[:t.Bands], bandHi, job.Level)), Paths: pathRows(r.Paths, o.Horizon, t.Steps)}
		if text, err := a.AppendValues(b); err == nil {
			return text
		}
	}
	return b
}

// textOf is how the ranks write the numbers of an asset. Those of one that is asked for other quantiles than the job's, or that is
// rounded, follow from its forecast only here.
func (p *Plan) textOf(a *asset) spmd.Text {
	if p.form == 0 || p.held != nil || p.spec.Integers || p.asked.needsOpposite(a) {
		return spmd.Text{}
	}
	t := spmd.Text{Form: p.form, Steps: p.spec.Horizon, Levels: len(p.asked.levels), Quantiles: len(p.asked.quantiles), Bands: len(p.asked.bands)}
	if p.form == JSON { // paths are in no table of forecasts
		t.Paths = p.spec.Paths
	}
	return t
}

// TakeText is for the leader: the text of the series that the next Take is about, or none. It is valid until that returns.
func (p *Plan) TakeText(text []byte) { p.text = text }

// Numbers is, while the sink is called with a result, the text of its numbers in the form that [Data.Form] asks for, or nil.
func (p *Plan) Numbers() []byte {
	if len(p.text) == 0 {
		return nil
	}
	return p.text
}

// Members is what auto combined to a result, as a table has it.
func (p *Plan) Members(r *forecast.Result) string { return job.Combination(members(r)) }

// AppendAsset appends the JSON of the answer for asset i.
func (p *Plan) AppendAsset(b []byte, i int, r *forecast.Result, fault *job.Error) ([]byte, error) {
	a := p.asset(i, r, fault)
	switch {
	case fault != nil:
	case p.form == JSON && len(p.text) > 0:
		return a.AppendJSON(b, p.text)
	default:
		p.setValues(&a, r)
	}
	return a.AppendJSON(b, nil)
}
