package portfolio

import (
	"math"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
)

// sum adds the assets up to the forecast of the whole portfolio. All of its sums are exact, so that the order of the assets
// changes no bit.
type sum struct {
	horizon    int
	asked      *asked
	forecasts  int   // assets with a forecast, whether they count or not
	counted    int   // those that count
	weight     exact // Σ of their weights
	means      int   // of those, the ones whose point forecast is a mean
	mean       exactRow
	errors     exactRow // the errors of the measured assets, origin by origin
	pathErrors exactRow // likewise, at more origins, for bands; none when there are none
	// Likewise of the assets whose forecast is as good as naive, at more origins, and how many assets these are.
	walkErrors    exactRow
	walks         int
	ratio         []float64      // see ratios
	contributions []contribution // when the risk is wanted
	paths         []errorPaths   // when the covariance is wanted
	own           spread         // of the errors of each measured asset, in units
	unit          float64        // a power of 2 of the size of the largest values, by which numbers are divided before they are squared
	sizes         *sizes         // nil when all assets are measured together
	alone         [][]float64    // the rows of the only asset that counts
	drawn         exactRow       // the paths of the assets, added up
	pathed        int            // how many assets have paths
	positive      bool           // no asset that counts has a forecast, a lower bound or a quantile below 0, nor is held short
}

// spread is how large errors of several assets are, each multiplied by its coefficient c: Σ σ², and Σ ±σ by the sign of c, where
// σ is the root mean square of each.
type spread struct {
	squares, sizes exact
	assets         int
}

func (s *spread) add(c, size float64) {
	s.assets++
	s.squares.add(size * size)
	s.sizes.add(math.Copysign(size, c))
}

// correlation is that of assets among each other, each pair alike, when their sum has the given mean square:
// Σ σ² + ρ·((Σ ±σ)² - Σ σ²). It is false when the numbers do not tell. Assets cannot all be correlated by less than
// one divided by their number less one. At 0 it is not cut off: an estimate that is never negative is too large on average.
func (s *spread) correlation(square float64) (float64, bool) {
	squares, sizes := s.squares.value(), s.sizes.value()
	pairs := sizes*sizes - squares
	if s.assets < 2 || !(math.Abs(pairs) > 0.01*squares) {
		return 0, false
	}
	return min(max((square-squares)/pairs, -1/float64(s.assets-1)), 1), true
}

// sizes are how large the errors of the assets are at a step, where some are not measured together with the others. c is the
// coefficient of an asset, x its forecast and σ the size of its errors.
type sizes struct {
	measured exactRow // Σ c·σ of the measured assets
	others   exactRow // Σ c·σ of the others
	squares  exactRow // Σ c²·σ² of those
	reaches  exactRow // Σ |c·σ| of all
	levels   exactRow // Σ |c·x| of all
	// Σ c·x and Σ c²·x² of the assets without errors, which count in none of the sums above
	missing, missingSquares exactRow
	// Σ ±c²·w² of the others for each row, w its distance from x, with the sign of c·w
	widths []exactRow
}

func newSizes(horizon, rows int) *sizes {
	row := func() exactRow { return make(exactRow, horizon) }
	z := &sizes{measured: row(), others: row(), squares: row(), reaches: row(), levels: row(), missing: row(), missingSquares: row()}
	for range rows {
		z.widths = append(z.widths, row())
	}
	return z
}

// newSum prepares the sum of a plan.
func newSum(horizon, paths int, asked *asked, o *overall) sum {
	s := sum{horizon: horizon, asked: asked, mean: make(exactRow, horizon), positive: true, unit: 1}
	fits, walks := o.origins() // none when no errors are wanted
	if o.fault == nil {
		s.drawn = make(exactRow, paths*horizon)
	}
	s.errors, s.walkErrors = make(exactRow, fits*horizon), make(exactRow, walks*horizon)
	if m := o.measure; m != nil && len(asked.bands) > 0 {
		s.pathErrors = make(exactRow, len(m.ends.places)*horizon)
	}
	if o.others {
		s.unit = o.unit
		s.sizes = newSizes(horizon, asked.rows())
	}
	return s
}

// add adds an asset that counts. r begins at the asset's own end.
func (s *sum) add(a *asset, r *forecast.Result) {
	s.counted++
	if r.Point == forecast.Mean {
		s.means++
	}
	s.weight.add(a.weight)
	mean := r.Mean[a.lag:]
	for k, x := range mean {
		s.mean[k].add(a.term(x))
		s.positive = s.positive && x >= 0 // also of an asset without an interval
	}
	s.addPaths(a, r)
	if s.asked.rows() == 0 {
		return
	}
	s.positive = s.positive && a.coef >= 0
	for _, rows := range [][][]float64{r.Lo, r.Quantiles, r.BandLo} {
		for _, row := range rows {
			for _, v := range row[a.lag:] {
				s.positive = s.positive && v >= 0
			}
		}
	}
	if s.counted == 1 {
		s.keepAlone(a, r)
	}
	if s.sizes != nil {
		s.sizes.add(s.asked, a, r, a.coef/s.unit)
	}
}

// point is what the point forecasts of the assets are, or "" where they differ.
func (s *sum) point() job.Point {
	switch s.means {
	case s.counted:
		return job.PointMean
	case 0:
		return job.PointMedian
	}
	return ""
}

// keepAlone keeps the rows of the first asset, in case it stays the only one.
func (s *sum) keepAlone(a *asset, r *forecast.Result) {
	for i := range s.asked.rows() {
		row := s.asked.row(a, r, i)
		if row == nil {
			return // it has none at all
		}
		out := make([]float64, len(row))
		for k, v := range row {
			out[k] = a.term(v)
		}
		s.alone = append(s.alone, out)
	}
}

// add adds an asset whose numbers are multiplied by c.
func (z *sizes) add(q *asked, a *asset, r *forecast.Result, c float64) {
	size := sizeOfErrors(a, r)
	for k, x := range r.Mean[a.lag:] {
		if size == nil {
			z.missing[k].add(c * x)
			z.missingSquares[k].add(c * x * c * x)
			continue
		}
		reach := c * size[k]
		z.reaches[k].add(math.Abs(reach))
		z.levels[k].add(math.Abs(c * x))
		if a.measured {
			z.measured[k].add(reach)
			continue
		}
		z.others[k].add(reach)
		z.squares[k].add(reach * reach)
		for i, row := range z.widths {
			width := c * (q.row(a, r, i)[k] - x)
			row[k].add(width * math.Abs(width))
		}
	}
}

// sizeOfErrors is the size of the errors of an asset at each common date: as large on average as the root mean squares at its
// steps, and in the proportions of its interval, which are smoother. It is nil for an asset without an interval.
func sizeOfErrors(a *asset, r *forecast.Result) []float64 {
	if len(r.Lo) == 0 || r.Errors.Origins == 0 {
		return nil
	}
	var roots, halves float64
	out := make([]float64, len(r.Mean))
	for k := range out {
		root, n := 0.0, 0
		for o := range r.Errors.Origins {
			if e := r.Errors.Row(o)[k]; e == e {
				root = math.Hypot(root, e) // squares of large numbers would overflow
				n++
			}
		}
		out[k] = max(r.Hi[0][k]/2-r.Mean[k]/2, r.Mean[k]/2-r.Lo[0][k]/2) // one side may be cut off
		if n > 0 {
			roots += root / math.Sqrt(float64(n))
			halves += out[k]
		}
	}
	for k := range out {
		if halves > 0 {
			out[k] *= roots / halves // both are sums of as many terms
		}
	}
	return out[a.lag:]
}

// addErrors adds the errors of a measured asset, which were measured at the given origins and are at the given places.
func (s *sum) addErrors(a *asset, at *origins, places []int32, errs *forecast.Errors) {
	square, n := 0.0, 0
	fit := func(i int, e float64) {
		s.errors[i].add(e)
		square += e / s.unit * (e / s.unit)
		n++
	}
	walk := errs.Stride != 0
	if walk {
		s.walks++
	}
	for i, place := range places {
		if place < 0 {
			continue
		}
		e, o, k := errs.Data[place]*a.coef, i/s.horizon, i%s.horizon
		if walk {
			s.walkErrors[i].add(e)
		}
		if end := at.end[o]; end >= 0 && s.pathErrors != nil {
			s.pathErrors[end*s.horizon+k].add(e)
		}
		if f := at.fit[o]; f >= 0 {
			fit(f*s.horizon+k, e)
		}
	}
	if n > 0 {
		s.own.add(a.coef, math.Sqrt(square/float64(n)))
	}
}

// addRows adds the first rows of the errors of a measured asset, for assets that share no dates.
func (s *sum) addRows(a *asset, errs *forecast.Errors, rows int) {
	square := 0.0
	for i, e := range errs.Data[:rows*s.horizon] {
		e *= a.coef
		s.errors[i].add(e)
		square += e / s.unit * (e / s.unit)
	}
	s.own.add(a.coef, math.Sqrt(square/float64(rows*s.horizon)))
}
