package forecast

// naive repeats the last value: ŷ(n+k) = y(n). It is the optimal forecast of a random walk, and the yardstick of
// every other model here.
func naive(_ *Engine, y, row []float64) { fill(row, y[len(y)-1]) }

// seasonalNaive repeats the last season of the shortest period m: ŷ(n+k) = y(n+k-m·⌈k/m⌉), and in place of an empty slot the
// last value of its phase.
// It needs m points, and a season.
type seasonalNaive struct{}

func (seasonalNaive) forecast(e *Engine, p *problem, _ bool) fit {
	out, m := e.newPaths(p), p.season()
	for o, n := range p.ends {
		if m < 2 || n < m {
			continue
		}
		row := out.row(o)
		for k := range row {
			row[k] = p.lastOfPhase(n-m+k%m, m)
		}
	}
	return fit{paths: out}
}

// lastOfPhase is the value of slot s, or of the last slot before it, a multiple of m slots, that is not empty.
func (p *problem) lastOfPhase(s, m int) float64 {
	for p.isEmpty(s) && s >= m {
		s -= m
	}
	return p.y[s]
}

func fill(s []float64, v float64) {
	for i := range s {
		s[i] = v
	}
}
