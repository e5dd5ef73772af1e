package portfolio

import (
	"foliocast/internal/job"
	"foliocast/internal/series"
)

// times makes the times of the forecasts as text. Most assets of a dataset end together, so it keeps what it made.
type times struct {
	table   *series.Table // the plan's table
	horizon int
	made    memo[[]string]
}

// of returns the times that follow the last value of an asset, which must have one.
func (t *times) of(asset int) []string {
	return t.made.of(spanKey{span: t.table.Span(asset)}, func() []string { return texts(t.table.Next(asset, t.horizon)) })
}

// memo keeps what was made for assets with the same times.
type memo[T any] struct{ made map[spanKey]T }

// spanKey is the times of an asset, and how many steps before the others it ends.
type spanKey struct {
	span series.Span
	lag  int
}

// maxKept bounds how much a memo keeps: a list of times may be as long as the longest horizon.
const maxKept = 64

// of returns what was made for a key, or makes it.
func (m *memo[T]) of(key spanKey, build func() T) T {
	if made, ok := m.made[key]; ok {
		return made
	}
	if m.made == nil || len(m.made) == maxKept {
		m.made = make(map[spanKey]T)
	}
	made := build()
	m.made[key] = made
	return made
}

// spanOf is the key of an asset.
func (p *Plan) spanOf(a *asset) spanKey { return spanKey{p.table.Span(a.index), a.lag} }

// texts returns the times as text. All of them share one allocation.
func texts(times []series.Time) []string {
	var text []byte
	ends := make([]int, len(times))
	for k, t := range times {
		text = t.Append(text)
		ends[k] = len(text)
	}
	whole, from := string(text), 0
	out := make([]string, len(times))
	for k, end := range ends {
		out[k] = whole[from:end]
		from = end
	}
	return out
}

// Times are the times of the forecast of asset i, which must have values, in the form of the dataset's own times. The
// caller must not change them: assets share them.
func (p *Plan) Times(i int) []string { return p.times.of(p.assets[i].index) }

// TimeKind says what the times are.
func (p *Plan) TimeKind() job.TimeKind { return TimeKind(p.table) }

// TimeKind says what the times of a table are.
func TimeKind(t *series.Table) job.TimeKind {
	switch t.Kind() {
	case series.Date:
		return job.TimeDate
	case series.Datetime:
		return job.TimeDatetime
	case series.Instant:
		return job.TimeInstant
	}
	return job.TimeStep
}
