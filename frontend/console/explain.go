package console

import (
	"cmp"
	"maps"
	"slices"

	"foliocast/internal/job"
)

// explanation is how the forecast of an asset came about.
type explanation struct {
	Members []job.Member // that auto combined, by weight
	Parts   *stepTable   // that add up to the forecast
	Effects []effect
}

// effect is that of a column which is known in advance.
type effect struct {
	Column string
	job.Effect
}

// explain returns nil where there is nothing to say.
func explain(a *job.Asset) *explanation {
	e := &explanation{Members: slices.SortedStableFunc(slices.Values(a.Members), func(a, b job.Member) int { return cmp.Compare(b.Weight, a.Weight) })}
	if len(a.Parts) > 0 {
		e.Parts = &stepTable{Times: timesOf(a.DS, len(a.Mean))}
		for _, name := range slices.Sorted(maps.Keys(a.Parts)) {
			e.Parts.add(name, a.Parts[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.X)) {
		e.Effects = append(e.Effects, effect{name, a.X[name]})
	}
	if len(e.Members) == 0 && e.Parts == nil && len(e.Effects) == 0 {
		return nil
	}
	return e
}
