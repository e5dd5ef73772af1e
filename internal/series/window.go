package series

import (
	"fmt"
	"slices"
)

// Window is the part of the table from one time to another, both inclusive; an empty text leaves that side open. The
// times are of the table's kind; for times of day, a date stands for the whole day. Values that were carried forward
// at the beginning or the end of the part are cut off. The result shares the values and must not outlive the table; it needs no
// Close. A bound that cannot be read or leaves no value in any asset gives a [FieldError] for from or to.
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
		some = some || len(assets[i].values) > 0
	}
	if !some {
		return nil, t.emptyWindow(from, to, low)
	}
	w := NewTable(t.kind, t.shared, t.names, assets)
	return w, nil
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

// bound reads one end as the first and the last time, in the table's unit, that its text stands for.
func (t *Table) bound(field, text string) (first, last int64, err error) {
	at, reason := ParseTime([]byte(text))
	switch {
	case reason != "":
		return 0, 0, &FieldError{field, reason}
	case at.Kind == t.kind:
		return at.N, at.N, nil
	case at.Kind == Date && t.kind != Step:
		return at.N * microsPerDay, (at.N+1)*microsPerDay - 1, nil
	case at.Kind == Step || t.kind == Step:
		return 0, 0, &FieldError{field, fmt.Sprintf("%q is %s, where the data have %s", text, at.Kind.one(), t.kind.one())}
	case t.kind == Date:
		// From some time of a day on, the next midnight is the first date; up to it, the day itself is the last.
		return -floorDiv(-at.N, microsPerDay), floorDiv(at.N, microsPerDay), nil
	}
	return at.N, at.N, nil // a clock time and an instant are both read in UTC
}

// emptyWindow says between which times a table has data.
func (t *Table) emptyWindow(from, to string, low int64) error {
	var audit Audit
	t.summarize(&audit)
	field := "to"
	for i := range t.assets {
		if len(t.Values(i)) > 0 && t.End(i).N < low {
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

// window is the part of the asset whose times lie from low to high.
func (a Asset) window(low, high int64) Asset {
	times := a.axis.times[a.first : a.first+len(a.values)]
	from, _ := slices.BinarySearch(times, low)
	to, _ := slices.BinarySearch(times, high+1)
	gone, _ := slices.BinarySearch(a.filled, int32(from))
	kept, _ := slices.BinarySearch(a.filled, int32(max(from, to)))
	filled := a.filled[gone:kept]
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
	out := Asset{axis: a.axis, first: a.first + from, values: a.values[from:to]}
	for _, k := range filled {
		out.filled = append(out.filled, k-int32(from))
	}
	return out
}
