package forecast

// naive repeats the last value: ŷ(n+k) = y(n). It is the optimal forecast of a random walk, and the yardstick of
// every other model here.
func naive(_ *Engine, y, row []float64) { fill(row, y[len(y)-1]) }

// seasonalNaive repeats the last season of the shortest period m: ŷ(n+k) = y(n+k-m·⌈k/m⌉).
// It needs m points, and a season.
type seasonalNaive struct{}

func (seasonalNaive) forecast(e *Engine, p *problem, _ bool) fit {
	out, m := e.newPaths(p), p.season()
	for o, n := range p.ends {
		if m < 2 || n < m {
			continue
		}
		last, row := p.y[n-m:n], out.row(o)
		for k := range row {
			row[k] = last[k%m]
		}
	}
	return fit{paths: out}
}

func fill(s []float64, v float64) {
	for i := range s {
		s[i] = v
	}
}
