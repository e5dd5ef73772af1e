package series

import (
	"fmt"
	"slices"
)

// Window returns the part of the table from one time to another, both inclusive; an empty text leaves that side open. In a
// table with times of day, a date stands for the whole day, which begins at midnight in the table's zone. Values that were
// carried forward are cut off at both ends of the part. Window returns a [FieldError] for from or to when the text is not a
// time of the table's kind, or leaves no value in any asset. The result shares the table's values, must not outlive it, and
// needs no Close.
func (t *Table) Window(from, to string) (*Table, error) {
	if from == "" && to == "" {
		return t, nil
	}
	low, high, err := t.bounds(from, to)
	if err != nil {
		return nil, err
	}
	assets := make([]Asset, len(t.assets))
	some := false
	for i := range t.assets {
		assets[i] = t.assets[i].window(low, high)
		some = some || assets[i].len() > 0
	}
	if !some {
		return nil, t.emptyWindow(from, to, low)
	}
	return t.derived(assets), nil
}

// bounds reads the two ends of a window.
func (t *Table) bounds(from, to string) (low, high int64, err error) {
	low, high = -1<<62, 1<<62
	if from != "" {
		if low, _, err = t.bound("from", from); err != nil {
			return 0, 0, err
		}
	}
	if to != "" {
		if _, high, err = t.bound("to", to); err != nil {
			return 0, 0, err
		}
	}
	if low > high {
		return 0, 0, &FieldError{"to", fmt.Sprintf("%s is before from, which is %s", to, from)}
	}
	return low, high, nil
}

// bound reads one end of a window: the first and the last time, in the table's unit, that the text stands for.
func (t *Table) bound(field, text string) (first, last int64, err error) {
	at, reason := ParseTime([]byte(text))
	switch {
	case reason != "":
		return 0, 0, &FieldError{field, reason}
	case at.Kind == t.kind:
		return at.N, at.N, nil
	case at.Kind == Date && t.kind == Datetime:
		return at.N * microsPerDay, (at.N+1)*microsPerDay - 1, nil
	case at.Kind == Date && t.kind == Instant:
		c := newClock(t.zone)
		return c.instant(at.N * microsPerDay), c.instant((at.N+1)*microsPerDay) - 1, nil
	case at.Kind == Step || t.kind == Step:
		return 0, 0, &FieldError{field, fmt.Sprintf("%q is %s, where the data have %s", text, at.Kind.withArticle(), t.kind.withArticle())}
	case t.kind == Date:
		at.N = newClock(at.Zone).local(at.N)
		// A window from a time of day on begins with the next midnight; one up to a time of day ends with its date.
		return -floorDiv(-at.N, microsPerDay), floorDiv(at.N, microsPerDay), nil
	}
	if t.kind == Instant { // a time without a zone is what the clocks of the table's zone showed
		earlier, later, _ := newClock(t.zone).instants(at.N)
		return earlier, later, nil
	}
	local := newClock(at.Zone).local(at.N) // the table's zone is unknown: what the clocks of the text's zone showed
	return local, local, nil
}

// emptyWindow is the error for a window without values: it says between which times the table has some.
func (t *Table) emptyWindow(from, to string, low int64) error {
	var audit Audit
	t.summarize(&audit)
	field := "to"
	for i := range t.assets {
		if t.Count(i) > 0 && t.End(i).N < low {
			field = "from"
		}
	}
	asked := ""
	if from != "" {
		asked += " from " + from
	}
	if to != "" {
		asked += " to " + to
	}
	return &FieldError{field, fmt.Sprintf("no value%s: the data go from %s to %s", asked, audit.From, audit.To)}
}

// window is the part of the asset with times from low to high.
func (a Asset) window(low, high int64) Asset {
	times := a.axis.times[a.first : a.first+a.len()]
	from, _ := slices.BinarySearch(times, low)
	to, _ := slices.BinarySearch(times, high+1)
	skip, _ := slices.BinarySearch(a.filled, int32(from))
	keep, _ := slices.BinarySearch(a.filled, int32(max(from, to)))
	filled := a.filled[skip:keep]
	for len(filled) > 0 && int(filled[0]) == from {
		filled = filled[1:]
		from++
	}
	for len(filled) > 0 && int(filled[len(filled)-1]) == to-1 {
		filled = filled[:len(filled)-1]
		to--
	}
	if from >= to {
		return Asset{axis: a.axis}
	}
	out := Asset{axis: a.axis, first: a.first + from, head: a.part(from, to), remark: a.remark}
	for _, k := range filled {
		out.filled = append(out.filled, k-int32(from))
	}
	return out
}
