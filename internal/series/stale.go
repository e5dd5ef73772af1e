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

// Stale finds those of the given assets that end well before the newest of them; nil means all assets of the table. An asset
// is stale when it ends more than two days (hourly values), two weeks (daily), four weeks, three months, two quarters or a
// year before the newest, and more than 10 periods otherwise. No asset is stale if fewer than a tenth of them end together
// with the newest: they are a collection of unrelated series, without a common end. Nor is any asset stale in a long file of
// integer steps, where each asset may count from its own beginning. Assets without values are never stale.
func (t *Table) Stale(assets []int) []Stale {
	if !t.shared {
		return nil
	}
	if assets == nil {
		assets = make([]int, t.Len())
		for i := range assets {
			assets[i] = i
		}
	}
	var newest Time
	with := 0
	for _, i := range assets {
		if len(t.Values(i)) == 0 {
			continue
		}
		if with == 0 || t.End(i).Compare(newest) > 0 {
			newest = t.End(i)
		}
		with++
	}
	var out []Stale
	for _, i := range assets {
		if len(t.Values(i)) > 0 && newest.N-t.End(i).N > t.assets[i].axis.staleAfter(t.kind) {
			out = append(out, Stale{i, t.End(i), newest})
		}
	}
	if 10*(with-len(out)) < with {
		return nil
	}
	return out
}

// staleAfter is how long before the others an asset may end, in the unit of the kind.
func (a *Axis) staleAfter(kind Kind) int64 {
	day := kind.day()
	if kind == Step {
		return 10 * a.distance(kind)
	}
	switch a.freq {
	case "H":
		return 2 * day
	case "D", "B":
		return 14 * day
	case "W":
		return 28 * day
	case "M":
		return 93 * day
	case "Q":
		return 186 * day
	case "Y":
		return 366 * day
	}
	return 10 * a.distance(kind)
}
