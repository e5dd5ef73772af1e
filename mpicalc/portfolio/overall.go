package portfolio

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
)

// overall is how the assets become the forecast of the whole portfolio.
type overall struct {
	fault   *job.Error // why there is none, or nil
	notes   []string
	counted []*asset    // the usable assets that count
	newest  *asset      // one that ends last; its times are the common dates
	last    series.Time // the last common date, for returns: the last one on which all of them have an observed value; see dated
	rated   series.Time // the day of the rates: the last at or before it counts
	dated   bool        // whether the assets share their dates; otherwise they are combined by the number of the step
	measure *measure    // nil when no errors are measured together
	steps   int         // how many origins are measured when the assets are combined by the number of the step
	others  bool        // some assets are not measured
	unit    float64     // of the squares of errors, when some are not
	alike   float64     // the correlation of assets that are not measured, when the errors do not tell it
}

// origins is the number of origins at which errors are added up, and that at which those of naive are.
func (o *overall) origins() (fits, walks int) {
	switch {
	case o.measure != nil:
		return len(o.measure.fits.places), len(o.measure.walks.places)
	case !o.dated && len(o.counted) > 0 && o.steps > 0 && o.steps < math.MaxInt:
		return o.steps, 0
	}
	return 0, 0
}

// near is how many steps before the others an asset may end and still belong together with them. If fewer than a tenth of the
// assets are that near, they are a collection of unrelated series.
const near = 30

// planOverall finds out how the assets combine. The error is an *Error when they cannot and the job says how they should:
// without weights, holdings or a way to combine, the assets are forecast on their own, and the answer says why.
func (p *Plan) planOverall(rates *Rates) error {
	o := &p.overall
	if p.spec.Combine == job.Value {
		if fault := p.missingHolding(); fault != nil {
			o.fault = fault
			return nil
		}
	}
	for _, i := range p.usable {
		if a := &p.assets[i]; a.weight != 0 {
			o.counted = append(o.counted, a)
		}
	}
	if len(o.counted) == 0 {
		return nil
	}
	err := p.align()
	if err == nil {
		err = p.setCoefficients(rates)
	}
	if err != nil {
		return p.withoutOverall(err)
	}
	if p.asked.rows() > 0 && len(o.counted) > 1 || p.wantsErrors() || p.wantsJoint() {
		p.planMeasure()
	}
	return nil
}

// withoutOverall leaves the overall forecast out because of a fault, or fails a job that asked for it.
func (p *Plan) withoutOverall(err *Error) error {
	if p.spec.Weights != nil || p.spec.Combine == job.Value || p.spec.Combine == job.Return {
		return err
	}
	for _, a := range p.overall.counted {
		a.lag, a.measured = 0, false
	}
	p.overall = overall{fault: &job.Error{Code: err.Code, Detail: "there is no overall forecast: " + err.Detail}}
	return nil
}

// missingHolding is the fault of a value that lacks assets.
func (p *Plan) missingHolding() *job.Error {
	var lost []string
	for i := range p.assets {
		if a := &p.assets[i]; a.weight != 0 && a.fault != nil {
			lost = append(lost, a.name)
		}
	}
	if lost == nil {
		return nil
	}
	slices.Sort(lost)
	return &job.Error{Code: "no-overall", Detail: "there is no overall value without a forecast for " + quoteSome(lost)}
}

// total is the forecast of the whole portfolio, or the reason why there is none.
func (p *Plan) total() (*job.Forecast, *job.Error) {
	s, o := &p.sum, &p.overall
	fault := o.fault
	if p.spec.Combine == job.Value && fault == nil {
		fault = p.missingHolding()
	}
	if fault == nil && s.counted == 0 {
		fault = &job.Error{Code: "no-overall", Detail: "no asset with a weight could be forecast"}
	}
	if fault != nil {
		return nil, fault
	}
	scale := p.scale()
	mean := s.mean.values()
	for k := range mean {
		if mean[k] = clamped(mean[k] * scale); math.Abs(mean[k]) == math.MaxFloat64 {
			return nil, &job.Error{Code: "no-overall", Detail: "the overall forecast is larger than the largest number, 1.8e308"}
		}
	}
	out := &job.Forecast{Point: s.point(), DS: p.commonTimes(), Mean: mean, Notes: o.notes}
	joint := p.joint(scale)
	rows := p.rows(mean, &joint, scale)
	p.asked.name(out, rows)
	risk, note := p.risk(mean, &joint, scale)
	if out.Risk = risk; note != "" {
		out.Notes = append(out.Notes, note)
	}
	if out.Covariance, note = p.covariance(); note != "" {
		out.Notes = append(out.Notes, note)
	}
	p.setPaths(out, scale)
	p.setScenarios(out, scale)
	p.setBenchmark(out, scale)
	switch {
	case rows != nil || p.asked.rows() == 0:
	case len(p.asked.levels) > 0:
		out.Notes = append(out.Notes, "there is no interval: none of the assets has one")
	default:
		out.Notes = append(out.Notes, "there are no quantiles: none of the assets has any")
	}
	return out, nil
}

// lostWeight reports whether an asset with a weight has no forecast.
func (p *Plan) lostWeight() bool {
	for _, a := range p.assets {
		if a.weight != 0 && a.fault != nil {
			return true
		}
	}
	return false
}

// commonTimes are the times of the overall forecast. Assets that count their own steps may have none in common.
func (p *Plan) commonTimes() []string {
	o := &p.overall
	if o.dated {
		return p.times.of(o.newest.index)
	}
	common := p.times.of(o.newest.index)
	for _, a := range o.counted {
		if !slices.Equal(common, p.times.of(a.index)) {
			return nil
		}
	}
	return common
}

// align finds the common dates of the assets that count, and how many steps before the newest each of them ends.
func (p *Plan) align() *Error {
	o := &p.overall
	o.newest = slices.MinFunc(o.counted, func(a, b *asset) int { // of those that end last, the first by name
		if c := p.table.End(b.index).Compare(p.table.End(a.index)); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	o.dated = p.table.Shared()
	if !o.dated {
		if len(o.counted) > 1 {
			o.notes = append(o.notes, "each asset counts its own steps: step 1 is the first after the end of each")
		}
		return nil
	}
	p.shareCalendars()
	if err := p.checkFrequencies(); err != nil {
		return err
	}
	newest, together := p.table.End(o.newest.index), 0
	var first, far *asset
	for _, a := range o.counted {
		a.lag = p.table.StepsTo(a.index, newest)
		if a.lag <= near {
			together++
		}
		if first == nil || p.table.End(a.index).Compare(p.table.End(first.index)) < 0 {
			first = a
		}
		if a.lag+p.spec.Horizon > forecast.MaxHorizon && (far == nil || a.name < far.name) {
			far = a
		}
	}
	switch {
	case 10*together < len(o.counted):
		return &Error{Code: "unrelated", Detail: fmt.Sprintf("the assets end at many different times, the newest at %s, and fewer than a tenth of them within %d steps of it", newest, near)}
	case far != nil:
		return &Error{Code: "too-far", Detail: fmt.Sprintf("asset %q ends at %s, the newest at %s: with the horizon these are more than %d steps",
			far.name, p.table.End(far.index), newest, forecast.MaxHorizon), Field: "stale"}
	case p.spec.Stale == "" && together < len(o.counted):
		o.notes = append(o.notes, fmt.Sprintf("%d of %d assets end more than %d steps before %s, the first at %s, and are forecast from there: stale says how long before an asset may end",
			len(o.counted)-together, len(o.counted), near, newest, p.table.End(first.index)))
	}
	return nil
}

// checkFrequencies refuses assets whose times do not follow each other alike: their forecasts have no dates in common.
func (p *Plan) checkFrequencies() *Error {
	found := p.rhythms()
	if len(found) == 1 {
		if found[0].calendar == nil && p.table.Kind() != series.Step {
			return p.checkEnds()
		}
		return nil
	}
	var each []string
	for _, r := range found[:min(len(found), 5)] {
		each = append(each, fmt.Sprintf("%s: %s", r.first.name, r))
	}
	if more := len(found) - len(each); more > 0 {
		each = append(each, fmt.Sprintf("and %d more", more))
	}
	advice := "name one frequency with freq, and with resample how finer values become one"
	if p.table.Kind() == series.Step {
		advice = "forecast them in jobs of their own"
	} else if found[0].calendar != nil && found[1].calendar != nil && found[0].calendar.String() == found[1].calendar.String() {
		advice = "these are of the same frequency, but at different times"
	}
	return &Error{Code: "mixed-frequencies", Detail: fmt.Sprintf("the assets have different frequencies and so no dates in common (%s): %s",
		strings.Join(each, "; "), advice), Field: "freq"}
}

// checkEnds refuses assets that follow no rule and do not end together: nothing tells how many steps one of them is behind.
func (p *Plan) checkEnds() *Error {
	newest := p.overall.newest
	for _, a := range p.overall.counted {
		if end := p.table.End(a.index); end.Compare(p.table.End(newest.index)) != 0 {
			return &Error{Code: "no-frequency", Detail: fmt.Sprintf("asset %q ends at %s and %q at %s, and their times follow no rule that says how many steps lie between",
				a.name, end, newest.name, p.table.End(newest.index)), Field: "freq"}
		}
	}
	return nil
}

// planMeasure chooses the assets whose errors are measured together, and where. An asset that has fewer than half of the
// origins of the longest is not measured, unless these are ten: it would leave the others as few.
func (p *Plan) planMeasure() {
	o := &p.overall
	most := 0
	for _, a := range o.counted {
		most = max(most, p.capacity(a))
	}
	o.steps = math.MaxInt
	var measured []*asset
	var others []string
	for _, a := range o.counted {
		if n := p.capacity(a); n > 0 && 2*n >= min(most, 2*enoughOrigins) {
			a.measured = true
			o.steps = min(o.steps, n)
			measured = append(measured, a)
			continue
		}
		others = append(others, a.name)
	}
	measured = append(measured, p.measuredBeside(most)...)
	if o.dated && len(measured) > 0 {
		if o.measure = newMeasure(p.table, p.spec.Horizon, measured, p.wantsPaths()); o.measure.fits.usable() == 0 {
			o.measure = nil
			for _, a := range measured {
				if a.measured = false; a.weight != 0 {
					others = append(others, a.name)
				}
			}
			measured = nil
		}
	}
	o.others = len(others) > 0
	if !o.others {
		return
	}
	slices.Sort(others)
	o.unit = p.unitOf(o.counted)
	if len(measured) < 2 {
		o.alike = p.correlationOfChanges()
	}
	if p.asked.rows() > 0 || p.wantsRisk() {
		o.notes = append(o.notes, p.describeOthers(others, len(measured)))
	}
	if p.spec.Paths > 0 {
		o.notes = append(o.notes, "the paths of "+quoteSome(others)+" are drawn by themselves, not together with those of other assets")
	}
}

// enoughOrigins are as many that an asset may leave the others with.
const enoughOrigins = 10

// capacity is at how many origins the errors of an asset can be measured. One that ends before the others is forecast over more
// steps, and needs origins that are further apart.
func (p *Plan) capacity(a *asset) int {
	n, span := len(p.table.Values(a.index))-p.table.Filled(a.index), p.spec.Horizon+a.lag
	left := n - span - max(minTraining, n/3)
	if a.lag == 0 || left < 0 {
		return forecast.Origins(n, span)
	}
	return min(forecast.Origins(n, p.spec.Horizon), 1+left/originOffset(p.spec.Horizon, a.lag, 1))
}

// describeOthers says which assets are not measured together with the others, and what that means for the intervals.
func (p *Plan) describeOthers(names []string, measured int) string {
	have := "have"
	if len(names) == 1 {
		have = "has"
	}
	why := fmt.Sprintf("%s %s too few values to measure the errors on the dates of the others", quoteSome(names), have)
	if measured == 0 {
		why = "the assets have too few values on common dates to measure their errors together"
	}
	alike := "the changes on common dates"
	if measured > 1 {
		alike = "the others' errors"
	}
	return why + ": their own intervals are added, as correlated as " + alike
}
