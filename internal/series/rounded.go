package series

import (
	"maps"
	"slices"
)

// Int is the value of an integer in a column: the nearest float64. If that is another number, [Builder.Table] says so in
// the audit.
func (b *Builder) Int(column int, n int64) float64 {
	v := float64(n)
	if v >= 1<<63 || int64(v) != n {
		b.round(column)
	}
	return v
}

// Uint is [Builder.Int] for an integer without a sign.
func (b *Builder) Uint(column int, n uint64) float64 {
	v := float64(n)
	if v >= 1<<64 || uint64(v) != n {
		b.round(column)
	}
	return v
}

// round counts a value of a column that is not the one in the file.
func (b *Builder) round(column int) {
	if b.rounded == nil {
		b.rounded = make(map[int]int64)
	}
	b.rounded[column]++
}

// noteRounded says in the audit which columns have integers that float64 does not hold.
func (b *Builder) noteRounded() {
	for _, column := range slices.Sorted(maps.Keys(b.rounded)) {
		b.source.audit.note("column %q: integers beyond 2^53 are rounded to the nearest number that 64-bit floating point holds (%d)", b.Columns[column], b.rounded[column])
	}
}
