package forecast

import "gonum.org/v1/gonum/floats"

// longSeasons are the seasons besides the shortest, as smoothers take them out of a series and add them again: a week of hours
// by indices, and a year of days or hours by waves.
type longSeasons struct {
	m       int       // steps of the next season that is no year, or 0
	indices []float64 // of that season
	found   bool      // the indices are known
	year    annualCycle
}

const (
	longSeasonPeriods = 4 // periods of the next season from which its indices are found
	leastLongPeriods  = 3
)

func (e *Engine) newLongSeasons(p *problem, z []float64) longSeasons {
	l := longSeasons{}
	for i, m := range p.seasons {
		switch {
		case p.options.isAnnual(m):
			l.year = e.newAnnualCycle(p, m, z)
		case i > 0 && l.m == 0 && p.adjust:
			l.m, l.indices = m, e.mem.floats(m)
		}
	}
	return l
}

// none reports whether there are no such seasons.
func (l *longSeasons) none() bool { return l.m == 0 && l.year.m == 0 }

// takeOut takes the long seasons out of z, the values of the times from..n-1 that end at origin o. m is the shortest season.
func (l *longSeasons) takeOut(e *Engine, p *problem, z []float64, from, n, o, m int) {
	if l.year.m > 0 {
		if !p.sharesFit(o, l.year.points) {
			l.year.fit(e, n)
		}
		for i := range z {
			z[i] -= l.year.at(from + i)
		}
	}
	if l.found = false; l.m == 0 || len(z) < leastLongPeriods*l.m {
		return
	}
	defer e.mem.release(e.mem.mark())
	short, x := e.mem.floats(m), e.mem.floats(len(z))
	copy(x, z)
	if e.additiveIndices(short, x) {
		for i := range x {
			x[i] -= short[i%m]
		}
	}
	squares, count, ok := e.decompose(l.indices, x)
	if l.found = ok; !ok {
		return
	}
	periods := float64(count) / float64(l.m)
	shrinkBlocks(l.indices, m, squares/float64(count-l.m)/periods)
	for i := range z {
		z[i] -= l.indices[i%l.m]
	}
}

// putBack adds the long seasons to row, which follows the values of the times from..n-1.
func (l *longSeasons) putBack(row []float64, from, n int) {
	for k := range row {
		row[k] += l.year.at(n + k)
		if l.found {
			row[k] += l.indices[(n-from+k)%l.m]
		}
	}
}

// shrinkBlocks shrinks the indices of each block of m by the share that noise of the given variance explains of their squares.
func shrinkBlocks(indices []float64, m int, noise float64) {
	for from := 0; from < len(indices); from += m {
		block := indices[from:min(from+m, len(indices))]
		if signal := floats.Dot(block, block); signal > 0 {
			floats.Scale(max(0, 1-noise*float64(len(block))/signal), block)
		}
	}
}
