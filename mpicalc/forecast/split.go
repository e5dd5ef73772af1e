package forecast

import "gonum.org/v1/gonum/stat"

const (
	farSteps     = 100 // how far ahead the line of a path without seasons is sought, unless the series is shorter
	leastStretch = 12  // steps of a stretch
)

// split takes the path of one model apart. It looks at the path alone, so that it holds for every model:
//
//	g(f(k)) = level + trend(k) + Σ season(m, k) + memory(k)
//
// with f(1), f(2), … the path, continued beyond the horizon, and g the scale on which it is a sum: logarithms for a model that
// works on these, as smoothers of a positive series do.
//
// The seasons, the shortest first, are those of the classical decomposition of the path beyond its first longest season, where
// what is not periodic has faded.
//
// For models that return to something (autoregressions, harmonic, level-shape) level + trend(k) is the straight line to which the path
// without its seasons tends, and memory(k) its distance from that: the permanent and the transitory component of Beveridge and
// Nelson 1981, Journal of Monetary Economics 7, 151-174. For the others it is all that is left, and level is where the line
// through the first two steps was at the end of the series.
type split struct {
	path    []float64 // on the scale on which parts add up
	far     []float64 // likewise, for more steps
	log     bool
	periods []int // nil for a model without seasons
	longest int   // of those that the series holds, or 1
	fades   bool  // what is neither a season nor a line fades
	rows    paths // as those of outline
}

// split finds the parts of s.path.
func (e *Engine) split(s *split) {
	clear(s.rows.data)
	last := s.rows.rows() - 1
	for i, m := range s.periods {
		if m > s.longest {
			continue
		}
		indices := e.mem.floats(m)
		from := (s.longest + m - 1) / m * m // beyond the longest season, at phase 0
		e.decompose(indices, s.far[from:from+s.longest/m*m+m])
		for k := range s.far {
			s.far[k] -= indices[k%m]
		}
		for k, row := 0, s.rows.row(2+i); k < len(row); k++ {
			row[k] = indices[k%m]
			s.path[k] -= row[k]
		}
	}
	slope := s.far[1] - s.far[0]
	level := s.path[0] - slope
	if s.fades {
		level, slope = s.line()
	}
	trend, memory := s.rows.row(1), s.rows.row(last)
	fill(s.rows.row(0), level)
	for k, v := range s.path {
		if s.fades {
			trend[k] = slope * float64(k+1)
			memory[k] = v - level - trend[k]
		} else {
			trend[k] = v - level
		}
	}
}

// stretch is over how many steps the line of a path with seasons takes its means: whole seasons, of which the first shows what
// fades.
func (s *split) stretch() int { return (leastStretch + s.longest - 1) / s.longest * s.longest }

// reach is how many steps of the path are needed, at least least.
func (s *split) reach(least int) int {
	if s.longest == 1 {
		return max(least, 4)
	}
	return max(least, 4*s.longest, 3*s.stretch())
}

// line is the straight line to which s.far tends: through the means of its third and fourth quarter or, with seasons, of its
// second and third stretch, since an autoregression may leave the line of the past slowly.
func (s *split) line() (level, slope float64) {
	w := len(s.far) / 4
	from := 2 * w
	if s.longest > 1 {
		w = s.stretch()
		from = w
	}
	a, b := stat.Mean(s.far[from:from+w], nil), stat.Mean(s.far[from+w:from+2*w], nil)
	slope = (b - a) / float64(w)
	return a - slope*(float64(from)+float64(w+1)/2), slope
}
