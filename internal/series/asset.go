package series

import (
	"fmt"
	"slices"
)

// Asset is one series: value k is that at axis.times[first+k].
type Asset struct {
	axis   *Axis
	first  int
	head   []float64 // the values, or the first of them
	tail   []float64 // those after the head, which another file has: see [Axis.Joined]
	filled []int32   // the positions of the values that were carried forward, ascending
	remark string    // see [Table.Remark]
}

// len is the number of values.
func (a *Asset) len() int { return len(a.head) + len(a.tail) }

// values are all values. Where they are in two pieces, this copies them.
func (a *Asset) values() []float64 { return a.part(0, a.len()) }

// part are the values from one place to another. Where they are in two pieces, this copies them.
func (a *Asset) part(from, to int) []float64 {
	n := len(a.head)
	switch {
	case to <= n:
		return a.head[from:to]
	case from >= n:
		return a.tail[from-n : to-n]
	}
	return slices.Concat(a.head[from:], a.tail[:to-n])
}

// Asset puts values on the axis, from the place first on, or says why they do not fit. Filled are the positions in values
// that were carried forward, ascending. The slices become the asset's.
func (a *Axis) Asset(first int64, values []float64, filled []int32) (Asset, error) {
	return a.Joined(first, values, nil, filled)
}

// Joined is [Axis.Asset] for values in two pieces, of which the tail follows the head.
func (a *Axis) Joined(first int64, head, tail []float64, filled []int32) (Asset, error) {
	n := len(head) + len(tail)
	if places := int64(len(a.times)); first < 0 || first > places || int64(n) > places-first {
		return Asset{}, fmt.Errorf("%d values from place %d do not fit on an axis of %d times", n, first, len(a.times))
	}
	for k, p := range filled {
		if p < 1 || int(p) >= n || k > 0 && p <= filled[k-1] {
			return Asset{}, fmt.Errorf("position %d of %d values cannot have been carried forward", p, n)
		}
	}
	return Asset{axis: a, first: int(first), head: head, tail: tail, filled: filled}, nil
}

// Remark says what [Table.WithFreq] did about incomplete periods of asset i: "the incomplete period of 2024-01-31 is left out". It
// is empty if there was nothing to do.
func (t *Table) Remark(i int) string { return t.assets[i].remark }

// Axis is the axis that the asset's values are on.
func (a *Asset) Axis() *Axis { return a.axis }

// Axis is the axis of asset i. Assets that share an axis have the same pointer.
func (t *Table) Axis(i int) *Axis { return t.assets[i].axis }

// First is the place of the first value of asset i on its axis.
func (t *Table) First(i int) int { return t.assets[i].first }

// FilledAt are the positions in the values of asset i that were carried forward. The caller must not change them.
func (t *Table) FilledAt(i int) []int32 { return t.assets[i].filled }

// Verify checks what [NewTable] and [Axis.Asset] do not, because it reads every value: that the names are valid and different,
// and that the values are finite. The line of a finding is the number of the asset, from 1.
func (t *Table) Verify() error {
	seen := make(map[string]bool, len(t.names))
	var faults Findings
	for i, name := range t.names {
		at := Finding{Line: int64(i) + 1, Asset: name}
		if reason := nameFault(name); reason != "" {
			at.Asset, at.Reason = "", reason
			faults.add(at)
		} else if seen[name] {
			at.Reason = "an earlier row already has this asset"
			faults.add(at)
		}
		seen[name] = true
		if values := t.Values(i); slices.ContainsFunc(values, notFinite) {
			k := slices.IndexFunc(values, notFinite)
			faults.add(Finding{Line: int64(i) + 1, Asset: name, Reason: fmt.Sprintf("value %d is %v", k+1, values[k])})
		}
	}
	if faults.Count > 0 {
		return &RejectError{Faults: faults.First, Total: faults.Count}
	}
	return nil
}

// notFinite reports whether v is NaN or infinite.
func notFinite(v float64) bool { return v-v != 0 }
