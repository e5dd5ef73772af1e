package risk

// Paths are joint scenarios: row s is the path of scenario s, and its column k what the portfolio is worth at step k+1, or its return
// since the origin. Several Paths belong together when their rows are the same scenarios.
type Paths struct {
	Steps int
	Data  []float64 // row-major, Len() × Steps
}

// Len returns the number of scenarios. It panics when Data does not consist of whole rows.
func (x Paths) Len() int {
	if x.Steps <= 0 && len(x.Data) > 0 || x.Steps > 0 && len(x.Data)%x.Steps != 0 {
		panic("risk: paths that are not whole rows")
	}
	return len(x.Data) / max(x.Steps, 1)
}

// Row returns scenario s. It shares memory with x.
func (x Paths) Row(s int) []float64 { return x.Data[s*x.Steps : (s+1)*x.Steps : (s+1)*x.Steps] }

// Losses writes the losses base - x of step k, scenario by scenario, into dst, which is made longer where necessary, and returns it.
// base is what the portfolio is worth at the origin, and 0 when x are returns.
func (x Paths) Losses(dst []float64, k int, base float64) []float64 {
	dst = dst[:0]
	for s := range x.Len() {
		dst = append(dst, base-x.Data[s*x.Steps+k])
	}
	return dst
}

// Risk is what the scenarios say of one step.
type Risk struct {
	Scenarios       int       // with a number at this step
	Volatility      float64   // the standard deviation of the values, see Sample.StdDev
	LossProbability float64   // the share of the scenarios that lose anything
	VaR, ES         []float64 // the value at risk and the expected shortfall at each level
}

// Measure returns the risk of each step from the origin to it, in the units of x. The last one is that of the horizon. base is as in
// [Paths.Losses]. Values at risk are negative when the portfolio gains in so many scenarios.
func Measure(x Paths, base float64, levels []float64) []Risk {
	steps := make([]Risk, x.Steps)
	var losses []float64
	for k := range steps {
		losses = x.Losses(losses, k, base)
		s := NewSample(losses)
		r := Risk{len(s), s.StdDev(), s.Above(0), make([]float64, len(levels)), make([]float64, len(levels))}
		for i, alpha := range levels {
			r.VaR[i], r.ES[i] = s.VaR(alpha), s.ES(alpha)
		}
		steps[k] = r
	}
	return steps
}
