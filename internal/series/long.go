package series

import "slices"

// longRows takes the rows of a long file one by one and makes columns of them. In most files the rows of each asset are
// together; then it keeps the times of assets with equal times once.
type longRows struct {
	names  []string
	index  map[string]int32
	values []float64

	// While the rows of each asset are together: where they begin, and their times, except those of the last asset.
	starts []int
	times  [][]int64
	// The times of the last asset; of all rows, once the rows of the assets are mixed.
	current []int64
	mixed   bool
	assets  []int32 // the asset of each row, once they are mixed
	last    int32   // the asset of the last row
}

func newLongRows() *longRows { return &longRows{index: make(map[string]int32), last: -1} }

// asset finds the number of a name, and numbers a new one or says why it cannot be a name. Most rows repeat the asset of the
// row before, or switch to the next one. A row must be added to each new asset.
func (r *longRows) asset(name []byte) (int32, string) {
	if r.last >= 0 {
		if string(name) == r.names[r.last] {
			return r.last, ""
		}
		next := r.last + 1
		if int(next) == len(r.names) {
			next = 0
		}
		if string(name) == r.names[next] {
			return next, ""
		}
	}
	if i, ok := r.index[string(name)]; ok {
		return i, ""
	}
	if reason := nameFault(string(name)); reason != "" {
		return 0, reason
	}
	i := int32(len(r.names))
	r.names = append(r.names, string(name))
	r.index[r.names[i]] = i
	return i, ""
}

// grow makes room for more rows.
func (r *longRows) grow(rows int) { r.values = grown(r.values, rows) }

// grown makes room for more items, and at least doubles it, so that many small steps cost little.
func grown[T any](items []T, more int) []T {
	if more > cap(items)-len(items) {
		return slices.Grow(items, max(more, len(items)))
	}
	return items
}

// add appends a row. The value is NaN where it is missing.
func (r *longRows) add(asset int32, at int64, value float64) {
	if asset != r.last {
		r.change(asset)
	}
	r.current = append(r.current, at)
	r.values = append(r.values, value)
	if r.mixed {
		r.assets = append(r.assets, asset)
	}
}

// mixes reports whether a row of the asset is the first that is not with the others of its asset.
func (r *longRows) mixes(asset int32) bool {
	return !r.mixed && asset != r.last && int(asset) < len(r.starts)
}

// change begins the rows of another asset.
func (r *longRows) change(asset int32) {
	r.last = asset
	if r.mixed {
		return
	}
	if int(asset) < len(r.starts) {
		r.mix()
		return
	}
	r.close()
	r.starts = append(r.starts, len(r.values))
}

// close keeps the times of the last asset. If the asset before has equal times, both share them.
func (r *longRows) close() {
	if len(r.starts) == 0 {
		return
	}
	if n := len(r.times); n > 0 && slices.Equal(r.times[n-1], r.current) {
		r.times = append(r.times, r.times[n-1])
	} else {
		r.times = append(r.times, slices.Clone(r.current))
	}
	r.current = r.current[:0]
}

// mix switches to keeping asset and time for each row, because the rows of an asset are not together.
func (r *longRows) mix() {
	r.close()
	r.mixed = true
	r.assets = make([]int32, 0, cap(r.values))
	r.current = make([]int64, 0, cap(r.values))
	for i, times := range r.times {
		r.current = append(r.current, times...)
		for range times {
			r.assets = append(r.assets, int32(i))
		}
	}
	r.times, r.starts = nil, nil
}

// columns makes the columns of all rows.
func (r *longRows) columns() []column {
	if r.mixed {
		return r.sortMixed()
	}
	r.close()
	out := make([]column, len(r.starts))
	for i, from := range r.starts {
		to := from + len(r.times[i])
		out[i] = column{name: r.names[i], times: r.times[i], values: r.values[from:to:to], first: from}
	}
	return out
}

// sortMixed brings the rows of each asset together, and keeps their order.
func (r *longRows) sortMixed() []column {
	ends := make([]int, len(r.names))
	for _, a := range r.assets {
		ends[a]++
	}
	total := 0
	for a, n := range ends {
		ends[a] = total // where the next row of asset a goes, and in the end where its rows end
		total += n
	}
	times, values, order := make([]int64, total), make([]float64, total), make([]uint32, total)
	for row, a := range r.assets {
		p := ends[a]
		ends[a]++
		times[p], values[p], order[p] = r.current[row], r.values[row], uint32(row)
	}
	out := make([]column, len(r.names))
	from := 0
	for a, to := range ends {
		out[a] = column{name: r.names[a], times: times[from:to:to], values: values[from:to:to], order: order[from:to:to]}
		if a > 0 && slices.Equal(out[a].times, out[a-1].times) {
			out[a].times = out[a-1].times
		}
		from = to
	}
	return out
}
