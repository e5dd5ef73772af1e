package nixtla

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Plan is what a request asks the house for: one forecast job over pieces of its series.
type Plan struct {
	// Spec is the job, without the name of its dataset.
	Spec job.Spec

	notes   []string // about what of the request means nothing here
	op      Operation
	request *request
	axis    *axis
	from    []int // where each series begins in the values
	pieces  []piece
	columns []regressor
}

// piece is the beginning of a series, and the steps after it that are asked for.
type piece struct {
	series int
	end    int // how many values of the series are known
	count  int // how many values after these are asked for
	skip   int // how many of the last known values are missing: the forecast begins before them
}

// name says which piece an asset is: the number of its series, from 1, the place of the first value asked for among all values of
// the request, and how many steps of the forecast are left out and are taken.
func (p *Plan) name(k int) string {
	c := p.pieces[k]
	return fmt.Sprintf("%d.%d.%d.%d", c.series+1, p.from[c.series]+c.end, c.skip, c.count)
}

// place is what the name of an asset says.
type place struct{ series, first, skip, count int }

func parseName(name string) (place, bool) {
	parts := strings.Split(name, ".")
	if len(parts) != 4 {
		return place{}, false
	}
	var n [4]int
	for i, text := range parts {
		v, err := strconv.Atoi(text)
		if err != nil || v < 0 {
			return place{}, false
		}
		n[i] = v
	}
	return place{n[0] - 1, n[1], n[2], n[3]}, n[0] > 0
}

// Limits of one request.
const (
	maxPieces = 100_000   // assets of a job
	maxValues = 8_000_000 // of all pieces together
	maxAnswer = 5_000_000 // numbers of the answer
	// maxHorizon is how many steps a job forecasts.
	maxHorizon = 1000
)

// New reads the body of an operation and plans the job that answers it. The error is a problem.
func New(op Operation, body []byte) (*Plan, error) {
	r, err := read(op, body)
	if err != nil {
		return nil, err
	}
	p := &Plan{op: op, request: r}
	at := 0
	for _, n := range r.Series.Sizes {
		p.from = append(p.from, at)
		at += n
	}
	var f faults
	p.axis = newAxis(r, &f)
	if f.all == nil {
		p.divide(&f)
	}
	if f.all == nil {
		p.findMissing(&f)
	}
	if f.all == nil {
		p.setSpec(&f)
	}
	if f.all != nil {
		return nil, problem.New(problem.Invalid, "the request has faults", f.all...)
	}
	return p, p.tooLarge()
}

// divide makes the pieces.
func (p *Plan) divide(f *faults) {
	r := p.request
	switch {
	case p.op == OnlineAnomalies:
		p.divideEnds(f)
	case p.op == Anomalies || p.op == Historic || r.FullHistory:
		p.divideHistory(f)
	case p.op == CrossValidation:
		p.divideWindows(f)
	default:
		for i, n := range r.Series.Sizes {
			p.pieces = append(p.pieces, piece{series: i, end: n, count: r.H})
		}
	}
}

// divideWindows makes the windows of a cross-validation, the oldest first. The last one ends with its series.
func (p *Plan) divideWindows(f *faults) {
	r := p.request
	step := r.H
	if r.Step != nil {
		step = *r.Step
	}
	for i, n := range r.Series.Sizes {
		if r.H >= n || r.Windows-1 > (n-1-r.H)/step {
			f.add(fmt.Sprintf("/series/sizes/%d", i), "is %d, too few for %d windows of %d steps, %d apart, after at least one value", n, r.Windows, r.H, step)
			return
		}
		if len(p.pieces)+r.Windows > maxPieces {
			f.add("/n_windows", "must be fewer, or the series: the windows of all series together may be %d", maxPieces)
			return
		}
		for w := range r.Windows {
			p.pieces = append(p.pieces, piece{series: i, end: n - r.H - (r.Windows-1-w)*step, count: r.H})
		}
	}
}

// divideEnds makes the windows over the last values of each series that are looked at for anomalies. Where windows overlap, a value
// belongs to the latest that begins at or before it.
func (p *Plan) divideEnds(f *faults) {
	r := p.request
	step := r.H
	if r.Step != nil {
		step = *r.Step
	}
	for i, n := range r.Series.Sizes {
		if r.DetectionSize >= n {
			f.add("/detection_size", "must be less than the %d values of series %d, is %d", n, i+1, r.DetectionSize)
			return
		}
		for end := n - r.DetectionSize; end < n; end += step {
			p.pieces = append(p.pieces, piece{series: i, end: end, count: min(r.H, step, n-end)})
		}
		if len(p.pieces) > maxPieces {
			f.add("/detection_size", "must be smaller, or there must be fewer series: they make more than %d windows", maxPieces)
			return
		}
	}
}

// findMissing finds how many of the last known values of each piece are missing. The horizon reaches over them.
func (p *Plan) findMissing(f *faults) {
	horizon := 0
	for k := range p.pieces {
		c := &p.pieces[k]
		values := p.request.Series.Y[p.from[c.series] : p.from[c.series]+c.end]
		for c.skip < len(values) && math.IsNaN(values[len(values)-1-c.skip]) {
			c.skip++
		}
		if c.skip == len(values) {
			f.add(fmt.Sprintf("/series/sizes/%d", c.series), "is that of a series without any value among its first %d", c.end)
			return
		}
		horizon = max(horizon, c.skip+c.count)
	}
	if horizon > maxHorizon {
		f.add("/h", "must be 1 to %d, together with missing values at the end of a series, is %d", maxHorizon, horizon)
	}
	p.Spec.Horizon = horizon
}

// tooLarge is the problem of a request whose pieces have too many values together, or whose answer has.
func (p *Plan) tooLarge() error {
	values, columns := 0, 1+2*len(p.Spec.Levels)+len(p.Spec.Quantiles)
	if p.Spec.Explain {
		columns += len(p.columns) + 1
	}
	for _, c := range p.pieces {
		values += c.end - p.first(c) + len(p.columns)*(c.end-p.first(c)+p.Spec.Horizon)
	}
	numbers := len(p.pieces) * p.Spec.Horizon * columns
	const advice = "divide the series over several requests, as num_partitions does"
	switch {
	case values > maxValues:
		return problem.Newf(problem.TooLarge, "the %d forecasts that this needs would read %d values, and may read %d: %s", len(p.pieces), values, maxValues, advice)
	case numbers > maxAnswer:
		return problem.Newf(problem.TooLarge, "the answer would have %d numbers, and may have %d: %s", numbers, maxAnswer, advice)
	}
	return nil
}

// setSpec sets what the job is to do. Its pieces are no portfolio: only the first of them counts in an overall forecast, which
// nobody asks for.
func (p *Plan) setSpec(f *faults) {
	r := p.request
	s := &p.Spec
	s.Assets, s.Model, s.Freq, s.Stale, s.OnError, s.Point = []string{"*"}, r.model(), p.axis.freq(), "off", job.Fail, r.point()
	if len(p.pieces) > 1 {
		s.Weights = make(map[string]float64, len(p.pieces))
		for k := range p.pieces {
			s.Weights[p.name(k)] = 0
		}
		s.Weights[p.name(0)] = 1
	}
	s.Levels, s.Quantiles = bounds(r.Level)
	if len(s.Quantiles) > maxQuantiles {
		f.add("/level", "must be fewer: they have %d ends, more than %d", len(s.Quantiles), maxQuantiles)
	}
	s.Explain = r.Contributions && len(r.Series.X) > 0
	p.columns = r.regressors(s.Horizon)
	for _, c := range p.columns {
		s.X = append(s.X, c.name)
	}
	if len(p.columns) > maxRegressors {
		f.add("/series/X", "makes %d columns, a category of a categorical column being one, more than %d", len(p.columns), maxRegressors)
	}
	if r.FinetuneSteps > 0 {
		p.notes = append(p.notes, "finetune_steps and finetune_depth mean nothing here: every model is fitted to the series that it forecasts")
	}
}

// What a job may have.
const (
	maxLevels     = 10
	maxQuantiles  = 99
	maxRegressors = 32
)

// bounds are the levels and quantiles that the job forecasts for the levels of a request. Quantiles stand in for levels where a
// job cannot have these: up to 1 %, as that of the median, which is 0, and more than ten.
func bounds(asked []float64) (levels, quantiles []float64) {
	distinct := slices.Compact(slices.Sorted(slices.Values(asked)))
	levels = []float64{}
	large := len(distinct)
	for _, l := range distinct {
		if l <= 1 {
			large--
		}
	}
	for _, l := range distinct {
		switch {
		case l > 1 && large <= maxLevels:
			levels = append(levels, l)
		case l == 0:
			quantiles = append(quantiles, 0.5)
		default:
			quantiles = append(quantiles, (100-l)/200, (100+l)/200)
		}
	}
	slices.Sort(quantiles)
	return levels, quantiles
}

// level is the level that a quantile is an end of.
func level(quantile float64) float64 {
	return math.Round(math.Abs(100-200*quantile)*1e9) / 1e9
}
