package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"foliocast/mpicalc/forecast/inorder"
)

// backdrop is what a series does whatever the regressors do: an intercept for each phase of one season, a line, and Fourier
// terms for the other seasons. It takes these out of columns by least squares over the times from..n-1.
type backdrop struct {
	from, n    int
	period     int // 1 for a single intercept
	slot       []int
	sum, count []float64 // by phase
	columns    paths     // the line and the Fourier terms, less the intercepts, orthonormal over from..n-1
	used       int       // columns
}

const (
	backdropHarmonics = 6 // of a season
	backdropShare     = 6 // values for each Fourier term, at least
	minLine           = 10
)

// newBackdrop makes the backdrop of f over the times from..n-1, with a line or without.
func (e *Engine) newBackdrop(f *effects, from, n int, line bool) backdrop {
	d := backdrop{from: from, n: n, period: 1, slot: f.slot}
	for _, m := range f.seasons {
		if m <= longPeriod && n >= 3*m || n >= 20*m {
			d.period = m
		}
	}
	d.sum, d.count = e.mem.floats(d.period), e.mem.floats(d.period)
	clear(d.count)
	for _, s := range d.slot[from:n] {
		d.count[s%d.period]++
	}
	d.columns = paths{h: f.n + f.h, data: e.mem.floats((1 + 2*backdropHarmonics*len(f.seasons)) * (f.n + f.h))}
	if line && n >= minLine {
		d.add(f.terms.row(0))
	}
	for i, m := range f.seasons {
		if d.period%m == 0 || n < 2*m {
			continue
		}
		for j := 1; j <= min(backdropHarmonics, m/2) && (d.used+2)*backdropShare <= n; j++ {
			d.add(f.terms.row(termOf(i, j)))
			d.add(f.terms.row(termOf(i, j) + 1))
		}
	}
	return d
}

// termOf is the row of the sine of harmonic j of season i in effects.terms; the cosine is next.
func termOf(i, j int) int { return 1 + 2*(backdropHarmonics*i+j-1) }

// setSeasons makes the line and the Fourier terms of the seasons.
func (f *effects) setSeasons(mem *scratch, seasons []int) {
	f.seasons = seasons
	f.terms = paths{h: f.n + f.h, data: mem.floats(termOf(len(seasons), 1) * (f.n + f.h))}
	for t, s := range f.slot {
		f.terms.row(0)[t] = float64(s) / float64(f.n)
	}
	for i, m := range seasons {
		for j := 1; j <= min(backdropHarmonics, m/2); j++ {
			sin, cos := f.terms.row(termOf(i, j)), f.terms.row(termOf(i, j)+1)
			for t, s := range f.slot {
				sin[t], cos[t] = math.Sincos(2 * math.Pi * float64(j) / float64(m) * float64(s%m))
			}
		}
	}
}

// add adds a column, unless the columns before it explain it.
func (d *backdrop) add(term []float64) {
	column := d.columns.row(d.used)
	copy(column, term)
	d.remove(column)
	now := column[d.from:d.n]
	size := inorder.Dot(now, now)
	if size < 1e-10*float64(len(now)) {
		return
	}
	floats.Scale(1/math.Sqrt(size), column)
	d.used++
}

// terms is the number of terms.
func (d *backdrop) terms() int { return d.period + d.used }

// remove takes the backdrop out of v, which goes to n or beyond.
func (d *backdrop) remove(v []float64) {
	clear(d.sum)
	for t := d.from; t < d.n; t++ {
		d.sum[d.slot[t]%d.period] += v[t]
	}
	for p, n := range d.count {
		d.sum[p] /= max(n, 1)
	}
	for t := range v {
		v[t] -= d.sum[d.slot[t]%d.period]
	}
	for c := range d.used {
		column := d.columns.row(c)
		floats.AddScaled(v, -inorder.Dot(v[d.from:d.n], column[d.from:d.n]), column[:len(v)])
	}
}
