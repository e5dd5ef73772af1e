package forecast

import "gonum.org/v1/gonum/floats"

// mean forecasts every step by the arithmetic mean: ŷ(n+k) = Σ y(t) / n.
func mean(_ *Engine, y, row []float64) { fill(row, floats.Sum(y)/float64(len(y))) }
