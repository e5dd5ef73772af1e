package forecast

// naive repeats the last value: ŷ(n+k) = y(n). It is the optimal forecast of a random walk, and the yardstick of
// every other model here.
func naive(_ *Engine, t *task, out paths) {
	t.each(out, func(y, row []float64) { fill(row, y[len(y)-1]) })
}

// seasonalNaive repeats the last season of the shortest period m: ŷ(n+k) = y(n+k-m·⌈k/m⌉).
// It needs m points, and a season.
func seasonalNaive(_ *Engine, t *task, out paths) {
	m := t.season()
	if m < 2 {
		return
	}
	t.each(out, func(y, row []float64) {
		if len(y) < m {
			return
		}
		last := y[len(y)-m:]
		for k := range row {
			row[k] = last[k%m]
		}
	})
}

func fill(s []float64, v float64) {
	for i := range s {
		s[i] = v
	}
}
