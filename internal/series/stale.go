package series

import "fmt"

// Stale is an asset that ends well before the others.
type Stale struct {
	Asset  int  // the asset's number in the table
	End    Time // the time of its last value
	Newest Time // the newest time of the others
}

// String says it in words: "ends at 2020-03-31, the others at 2024-12-31".
func (s Stale) String() string { return fmt.Sprintf("ends at %s, the others at %s", s.End, s.Newest) }

// Stale finds those of the given assets that end well before the newest of them; nil means all assets of the table. Patience says
// how long before an asset may end: a duration such as 90min, 36h, 14d or 3w, a number of the asset's own steps, or off for no
// limit. It returns a [FieldError] for any other text, and for a duration where the table counts steps.
//
// When patience is empty, an asset is stale when it ends more than two days (values by the hour), two weeks (by the day), four
// weeks (by the week), three months, two quarters or a year before the newest, and more than 10 steps otherwise. No asset is
// stale then if fewer than a tenth of them end together with the newest: they are a collection of unrelated series, without
// a common end.
//
// No asset is ever stale in a long file of integer steps, where each asset may count from its own beginning, nor is an asset
// without values.
func (t *Table) Stale(assets []int, patience string) ([]Stale, error) {
	p, err := parsePatience(patience)
	if err != nil {
		return nil, err
	}
	if p.micros > 0 && t.kind == Step {
		return nil, &FieldError{"stale", fmt.Sprintf("%s is a duration, and the data count integer steps: give a number of steps", patience)}
	}
	if !t.shared || p.off {
		return nil, nil
	}
	if assets == nil {
		assets = make([]int, t.Len())
		for i := range assets {
			assets[i] = i
		}
	}
	newest, with := t.newest(assets)
	var out []Stale
	for _, i := range assets {
		if t.Count(i) > 0 && t.isStale(i, newest, p) {
			out = append(out, Stale{i, t.End(i), newest})
		}
	}
	if patience == "" && 10*(with-len(out)) < with {
		return nil, nil
	}
	return out, nil
}

// newest is the newest time of assets, and the number of those with values.
func (t *Table) newest(assets []int) (newest Time, with int) {
	for _, i := range assets {
		if t.Count(i) == 0 {
			continue
		}
		if with == 0 || t.End(i).Compare(newest) > 0 {
			newest = t.End(i)
		}
		with++
	}
	return newest, with
}

// isStale reports whether asset i ends longer before the newest time than patience allows.
func (t *Table) isStale(i int, newest Time, p patience) bool {
	behind := newest.N - t.End(i).N
	switch {
	case behind == 0:
		return false
	case p.counted:
		return t.StepsTo(i, newest) > p.steps
	case p.micros > 0 && t.kind == Date:
		return behind*microsPerDay > p.micros
	case p.micros > 0:
		return behind > p.micros
	}
	return behind > t.assets[i].axis.rule.staleAfter(t.kind)
}

// staleAfter is how long before the others an asset may end by default, in the unit of the kind.
func (r rule) staleAfter(kind Kind) int64 {
	if r.calendar == nil {
		return 10 * r.distance(kind)
	}
	day := kind.day()
	const hour, daily = microsPerDay / 24, int64(microsPerDay)
	switch period := r.calendar.Period(); {
	case !r.calendar.Regular(): // the days or hours of a market
		return 14 * day
	case period < hour:
		return 10 * period
	case period < daily:
		return 2 * day
	case period < 7*daily:
		return 14 * day
	case period < 28*daily:
		return max(28*day, 2*r.distance(kind))
	case period < 85*daily:
		return 93 * day
	case period < 180*daily:
		return 186 * day
	case period < 366*daily:
		return 366 * day
	}
	return 2 * r.distance(kind)
}
