package series

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The policies of [Table.WithMissing].
const (
	MissingForward = "forward" // the value before
	MissingLinear  = "linear"  // a straight line between the neighbors
	MissingDrop    = "drop"    // no value, and the slot stays empty
	MissingFail    = "fail"    // as forward; the caller refuses assets for which [Table.MissingText] has a text
)

// WithMissing returns the table with other values in place of those that are missing inside an asset, at the positions of
// [Table.FilledAt]: forward, linear, drop or fail; an empty policy is forward. With drop, the positions are removed, and
// [Table.Skips] counts their slots. A straight line has equal steps from position to position. It returns a [FieldError]
// for any other policy. The result may share the table's values and must not outlive it.
func (t *Table) WithMissing(policy string) (*Table, error) {
	var change func(a Asset) Asset
	switch policy {
	case "", MissingForward, MissingFail:
		change = Asset.carriedForward
	case MissingLinear:
		change = Asset.interpolated
	case MissingDrop:
		change = Asset.dropped
	default:
		return nil, &FieldError{"missing", "must be forward, linear, drop or fail, is " + strconv.Quote(policy)}
	}
	assets := slices.Clone(t.assets)
	for i, a := range assets {
		if len(a.filled) > 0 {
			assets[i] = change(a)
		}
	}
	return t.derived(assets), nil
}

// carriedForward has the value before at each missing one.
func (a Asset) carriedForward() Asset {
	same, values := true, a.values()
	for _, p := range a.filled {
		same = same && values[p] == values[p-1]
	}
	if same {
		return a
	}
	a.head, a.tail = slices.Clone(values), nil
	for _, p := range a.filled {
		a.head[p] = a.head[p-1]
	}
	return a
}

// interpolated has a straight line at missing values. The first and the last value of an asset are never missing.
func (a Asset) interpolated() Asset {
	values := slices.Clone(a.values())
	a.head, a.tail = values, nil
	for k := 0; k < len(a.filled); {
		from := int(a.filled[k]) - 1
		to := from + 1
		for ; k < len(a.filled) && int(a.filled[k]) == to; k++ {
			to++
		}
		low, high := values[from], values[to]
		for p := from + 1; p < to; p++ {
			share := float64(p-from) / float64(to-from)
			values[p] = low*(1-share) + high*share // no difference that may overflow
		}
	}
	return a
}

// dropped has only the values that were observed, on an axis of its own.
func (a Asset) dropped() Asset {
	times, values := a.observed()
	return Asset{axis: &Axis{times: times, rule: a.axis.rule, gaps: true}, head: values, remark: a.remark}
}

// observed are the times and the values that were not filled in. They are parts of the asset's own if none were.
func (a Asset) observed() ([]int64, []float64) {
	n := a.len()
	all := a.axis.times[a.first : a.first+n : a.first+n]
	if len(a.filled) == 0 {
		return all, a.values()
	}
	times, values := make([]int64, 0, n-len(a.filled)), make([]float64, 0, n-len(a.filled))
	filled, own := a.filled, a.values()
	for k, at := range all {
		if len(filled) > 0 && int(filled[0]) == k {
			filled = filled[1:]
			continue
		}
		times, values = append(times, at), append(values, own[k])
	}
	return times, values
}

// MissingText says how many values of asset i are missing, and at which times the first of them are: "2 values are missing, at
// 2024-01-03, 2024-01-04". It is empty when none is missing.
func (t *Table) MissingText(i int) string {
	filled := t.assets[i].filled
	if len(filled) == 0 {
		return ""
	}
	var at []string
	for _, p := range filled[:min(3, len(filled))] {
		at = append(at, t.At(i, int(p)).String())
	}
	verb, first := "values are", ""
	if len(filled) == 1 {
		verb = "value is"
	}
	if len(filled) > len(at) {
		first = "the first "
	}
	return fmt.Sprintf("%d %s missing, %sat %s", len(filled), verb, first, strings.Join(at, ", "))
}

// PartOf reports whether the values of asset i lie in those of the same asset of a whole table, and from which position on,
// so that they need not be sent where the whole table is at hand.
func (t *Table) PartOf(whole *Table, i int) (from int, ok bool) {
	part, all := t.Values(i), whole.Values(i)
	if len(part) == 0 || len(all) == 0 {
		return 0, false
	}
	k := whole.PositionAt(i, t.Start(i))
	if k < 0 || k+len(part) > len(all) || &all[k] != &part[0] {
		return 0, false
	}
	return k, true
}
