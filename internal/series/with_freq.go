package series

import (
	"slices"

	"foliocast/internal/series/calendar"
)

// WithFreq returns the table with the given assets on the calendar of a frequency; without a list, all assets. An asset that is
// on it keeps its values. For one that has finer times, resample says what the values of a period become:
//
//   - last or first: the last or the first value that was observed in the period;
//   - mean or sum: of the values that were observed in it.
//
// Only observed values count. A period is incomplete when times of the asset's own calendar that belong to it lie before its
// first or after its last value; of a market's days and hours, more of them than holidays may be. Incomplete periods are left
// out of mean and sum, at both ends, and of first at the beginning. Last keeps the incomplete period at the end, as pandas
// does: its value is the newest that is known. [Table.Remark] says so. Periods without values inside an asset are missing
// values, carried forward, unless the frequency is that of a market.
//
// It returns a [FieldError] for freq: when the frequency is unknown, when the table counts integer steps, when the times of an
// asset contradict it and resample is empty, and when the times are not finer. The error names both frequencies. A
// [FieldError] for resample is returned for any other word. An empty frequency returns the table itself. The result may
// share the table's values and must not outlive it.
func (t *Table) WithFreq(name Freq, resample string, only ...int) (*Table, error) {
	if err := checkResample(resample); err != nil {
		return nil, err
	}
	if name == "" {
		return t, nil
	}
	named, err := name.calendar(t.kind)
	if err != nil {
		return nil, err
	}
	if only == nil {
		only = make([]int, len(t.assets))
		for i := range only {
			only[i] = i
		}
	}
	w := resampler{table: t, frame: newFrame(t.kind, t.zone), named: named, resample: resample}
	assets := slices.Clone(t.assets)
	for _, i := range only {
		if assets[i], err = w.asset(i); err != nil {
			return nil, err
		}
	}
	return t.derived(assets), nil
}

// resampler puts assets on the calendar of a frequency.
type resampler struct {
	table    *Table
	frame    frame
	named    *calendar.Calendar
	resample string
	// The last axis that was asked about as a whole, and the answer. Most assets share one.
	asked, answer *Axis
}

// asset is an asset on the calendar.
func (w *resampler) asset(i int) (Asset, error) {
	a := w.table.assets[i]
	if a.len() == 0 {
		return a, nil
	}
	whole := len(a.filled) == 0 && a.len() == len(a.axis.times)
	if whole && a.axis == w.asked {
		a.axis = w.answer
		return a, nil
	}
	times, _ := a.observed()
	fitted, reason := w.frame.fit(w.named, times)
	switch {
	case reason == "" && a.axis.rule.calendar.Equal(fitted):
		return a, nil
	case reason == "":
		return w.moved(a, fitted, whole), nil
	case w.resample == "":
		return a, &FieldError{"freq", assetText(w.table.names[i]) + reason + "; resample says how to make one value of a period for a coarser frequency"}
	case !w.coarser(a):
		return a, &FieldError{"freq", assetText(w.table.names[i]) + reason + ", and only finer times can be resampled"}
	}
	return w.resampled(a)
}

// moved puts an asset's values, which may be completed, on its times under another rule.
func (w *resampler) moved(a Asset, fitted *calendar.Calendar, whole bool) Asset {
	axis := &Axis{times: a.axis.times, rule: rule{calendar: fitted}}
	for k := 1; k < len(axis.times) && !axis.gaps; k++ {
		axis.gaps = axis.rule.isGap(w.frame, axis.times[k-1], axis.times[k])
	}
	if whole {
		w.asked, w.answer = a.axis, axis
	}
	a.axis = axis
	return a
}

// coarser reports whether the named calendar has longer periods than the asset's times.
func (w *resampler) coarser(a Asset) bool {
	if own := a.axis.rule.calendar; own != nil {
		// Business days are hardly longer than days, but the days of a weekend fall into one of them.
		return calendar.Coarser(w.named, own) || own.Period() == microsPerDay && w.named.Period() > microsPerDay
	}
	distance := a.axis.rule.distance(w.frame.kind)
	if w.frame.kind == Date {
		distance *= microsPerDay
	}
	return w.named.Period() > distance
}
