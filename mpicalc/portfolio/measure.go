package portfolio

import (
	"math"
	"slices"

	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
)

// measure is where the errors of the whole portfolio are measured: at origins that are dates on which every measured asset
// has an observed value, so that errors that are added up belong to the same days. The target of step k is the k-th date after
// the origin on which any of them has a value; where one of them has none, or one that was filled in, the step is left out.
type measure struct {
	table   *series.Table
	horizon int
	times   []int64 // the last dates on which a measured asset has a value, ascending
	all     []bool  // for each, whether all of them have an observed value
	fits    origins // where the models' errors are, on which intervals rest
	ends    origins // where models are fitted: fits, and with paths hundreds
	walks   origins // where forecasts that are as good as naive are measured, all of ends among them; empty when they are no more than fits
	stride  int     // how many steps two of walks, or of ends with paths, are apart, as a rule
}

// origins are places in the times of a measure, the latest first.
type origins struct {
	places []int
	counts []int // for each step, the number of origins with an error
	fit    []int // for each, which of the origins fits it is, or -1; that of fits is not needed
	end    []int // likewise of the origins ends
}

func (m *measure) newOrigins() origins { return origins{counts: make([]int, m.horizon)} }

// usable is the least number of errors of a step.
func (r *origins) usable() int { return slices.Min(r.counts) }

// minTraining is the least number of values of an asset before an origin, the same that [forecast.Origins] asks for.
const minTraining = 4

// originOffset is how far origin k lies before the latest, as [forecast.OriginOffset] lays them. Those of an asset that ends before
// the others are forecast over lag steps more, and are all as far apart as the near ones of that many: closer ones would share most
// of their steps, and their errors be taken for more than they are.
func originOffset(horizon, lag, k int) int {
	if lag == 0 {
		return forecast.OriginOffset(horizon, k)
	}
	return k * forecast.OriginOffset(horizon+lag, 1)
}

// newMeasure chooses the origins for the measured assets. With paths, models are fitted at as many as bands need.
func newMeasure(table *series.Table, horizon int, measured []*asset, paths bool) *measure {
	m := &measure{table: table, horizon: horizon}
	lag := 0
	for _, a := range measured {
		lag = max(lag, a.lag)
	}
	want := forecast.Origins(math.MaxInt32, horizon)
	most := walkOrigins(horizon, len(measured))
	m.stride = forecast.OriginOffset(horizon+lag, 1)
	m.findTimes(measured, 4*(horizon+max(originOffset(horizon, lag, want-1), m.stride*most))+64)
	earliest := int64(math.MinInt64)
	for _, a := range measured {
		n := len(table.Values(a.index))
		earliest = max(earliest, table.At(a.index, min(n, max(minTraining, n/3)+a.lag)-1).N)
	}
	m.fits = m.newOrigins()
	for q := len(m.times) - 1 - horizon; q >= 0 && m.times[q] >= earliest && len(m.fits.places) < 3*want && m.fits.usable() < want; {
		if !m.add(&m.fits, q) {
			q--
			continue
		}
		k := min(len(m.fits.places), want-1)
		q -= max(originOffset(horizon, lag, k)-originOffset(horizon, lag, k-1), 1)
	}
	m.ends = m.fits
	if paths {
		m.ends = m.lay(min(forecast.BandOrigins(math.MaxInt32, horizon), most), earliest)
	}
	m.walks = m.newOrigins()
	if walks := m.lay(most, earliest); len(walks.places) > len(m.fits.places) {
		m.walks = walks
	}
	m.find(&m.ends)
	m.find(&m.walks)
	return m
}

// walkOrigins is at how many origins forecasts that are as good as naive are measured at most: the errors of all assets must not fill
// the memory.
func walkOrigins(horizon, assets int) int {
	const (
		enough    = 500
		together  = 20_000     // errors of the portfolio
		allAssets = 10_000_000 // of all assets
	)
	return min(enough, together/horizon, allAssets/horizon/assets)
}

// lay lays as many origins a stride apart, and all of fits among them. They are those of fits alone when that are no fewer.
func (m *measure) lay(most int, earliest int64) origins {
	if most <= len(m.fits.places) {
		return m.fits
	}
	places := slices.Clone(m.fits.places)
	for q := len(m.times) - 1 - m.horizon; q >= 0 && m.times[q] >= earliest && len(places) < most+len(m.fits.places); q -= m.stride {
		places = append(places, q)
	}
	slices.SortFunc(places, func(a, b int) int { return b - a })
	laid := m.newOrigins()
	for _, q := range slices.Compact(places) {
		m.add(&laid, q)
	}
	return laid
}

// add adds an origin, and reports whether it is one: all assets have a value there, and at a step after it.
func (m *measure) add(to *origins, q int) bool {
	if !m.all[q] || !slices.Contains(m.all[q+1:q+1+m.horizon], true) {
		return false
	}
	to.places = append(to.places, q)
	for k := range to.counts {
		if m.all[q+1+k] {
			to.counts[k]++
		}
	}
	return true
}

// findTimes finds the last dates of the assets, at most limit of them, and those that all assets share.
func (m *measure) findTimes(measured []*asset, limit int) {
	type span struct{ from, to, first, last int } // places on an axis: of any asset, and of all of them
	spans := make(map[*series.Axis]span)
	var axes []*series.Axis
	for _, a := range measured {
		axis, first := m.table.Axis(a.index), m.table.First(a.index)
		last := first + len(m.table.Values(a.index))
		s, known := spans[axis]
		if !known {
			axes = append(axes, axis)
			s = span{first, last, first, last}
		}
		spans[axis] = span{min(s.from, first), max(s.to, last), max(s.first, first), min(s.last, last)}
	}
	for _, axis := range axes {
		s := spans[axis]
		m.times = merged(m.times, axis.Times()[max(s.from, s.to-limit):s.to], limit)
	}
	m.all = make([]bool, len(m.times))
	for q := range m.all {
		m.all[q] = true
	}
	for _, axis := range axes {
		s := spans[axis]
		shared := axis.Times()[s.first:max(s.first, s.last)]
		at := len(shared) - 1
		for q := len(m.times) - 1; q >= 0; q-- {
			for at >= 0 && shared[at] > m.times[q] {
				at--
			}
			m.all[q] = m.all[q] && at >= 0 && shared[at] == m.times[q]
		}
	}
	for _, a := range measured {
		m.leaveOutFilled(a)
	}
}

// leaveOutFilled marks the dates on which the value of an asset was filled in.
func (m *measure) leaveOutFilled(a *asset) {
	q := len(m.times)
	for _, k := range slices.Backward(m.table.FilledAt(a.index)) {
		at := m.table.At(a.index, int(k)).N
		found := false
		if q, found = slices.BinarySearch(m.times[:q], at); found {
			m.all[q] = false
		} else if q == 0 {
			return
		}
	}
}

// merged merges two ascending lists and returns the last limit of the result.
func merged(a, b []int64, limit int) []int64 {
	if len(a) == 0 {
		return b
	}
	out := make([]int64, 0, len(a)+len(b))
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case j == len(b) || i < len(a) && a[i] < b[j]:
			out = append(out, a[i])
			i++
		case i == len(a) || b[j] < a[i]:
			out = append(out, b[j])
			j++
		default:
			out = append(out, a[i])
			i, j = i+1, j+1
		}
	}
	return out[max(0, len(out)-limit):]
}

// trainings are the training lengths of an asset at origins. An asset that ends lag steps before the others knows as much
// less at each of them.
func (m *measure) trainings(a *asset, at *origins) []int {
	out := make([]int, len(at.places))
	for o, q := range at.places {
		out[o] = m.position(a, q) + 1 - a.lag
	}
	return out
}

// find finds which origins are among those of fits and of ends.
func (m *measure) find(at *origins) {
	at.fit, at.end = make([]int, len(at.places)), make([]int, len(at.places))
	for o, q := range at.places {
		at.fit[o], at.end[o] = slices.Index(m.fits.places, q), slices.Index(m.ends.places, q)
	}
}

// position is the position of the last value of an asset at or before a date.
func (m *measure) position(a *asset, q int) int {
	return m.table.PositionAt(a.index, m.table.Time(m.times[q]))
}

// places says of each error at origins which one of an asset's it is, or -1 where the target of the step is left out. Assets of the
// same span and lag have the same.
func (m *measure) places(a *asset, at *origins) []int32 {
	out := make([]int32, 0, len(at.places)*m.horizon)
	width := m.horizon + a.lag // of the asset's errors
	for o, q := range at.places {
		base := m.position(a, q)
		for k := range m.horizon {
			if !m.all[q+1+k] {
				out = append(out, -1)
				continue
			}
			step := m.position(a, q+1+k) - base
			out = append(out, int32(o*width+a.lag+step-1))
		}
	}
	return out
}
