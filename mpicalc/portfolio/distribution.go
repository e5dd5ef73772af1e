package portfolio

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/risk"
)

// distribution is the predictive distribution of the portfolio, that of its intervals: around mean, by errors.
type distribution struct {
	mean   []float64
	errors *forecast.Errors
	of     *forecast.Distribution // that follows from these
	base   float64                // what the portfolio is worth at the origin
	least  float64                // what it is worth at least, as its intervals have it; -Inf when nothing is known
}

// quantiles are the quantiles of each step at some probabilities.
func (d *distribution) quantiles(probabilities []float64) [][]float64 {
	rows := d.of.Quantiles(probabilities)
	for _, row := range rows {
		for k, v := range row {
			row[k] = max(v, d.least)
		}
	}
	return rows
}

// fineness is how many equally likely parts a distribution is cut into: a power of two, so that the parts on both sides of the median
// have the very same probabilities, and each extrapolation serves two.
const fineness = 512

// parts are the middles, as probabilities, of equally likely parts of the distribution.
func parts() []float64 {
	out := make([]float64, fineness)
	for i := range out {
		out[i] = (float64(i) + 0.5) / fineness
	}
	return out
}

// tail is the value at risk at each step, base - Q(1-α), and the expected shortfall, the mean of the losses beyond. With p = (1-α)s² that
// is ∫ (base - Q(p))·2s ds from 0 to 1, in which the loss grows more slowly towards the end of a heavy tail than it does with p.
func (d *distribution) tail(alpha float64) (vaR, es []float64) {
	s, weight := tailNodes(math.Sqrt(min(d.of.Edge()/(1-alpha), 1)))
	at := make([]float64, len(s))
	for i := range at {
		at[i] = (1 - alpha) * s[i] * s[i]
	}
	q, worst := d.quantiles([]float64{1 - alpha})[0], d.quantiles(at)
	for k, v := range q {
		vaR = append(vaR, d.base-v)
		sum := 0.0
		for i, row := range worst {
			sum += (d.base - row[k]) * 2 * s[i] * weight[i]
		}
		es = append(es, max(sum, vaR[k]))
	}
	return vaR, es
}

// tailNodes are where the mean of a tail is taken, and with what weights: at the nodes of Gauss and Legendre up to the edge, where the
// quantiles are a smooth function that takes long to compute, and from there to 1, where they run straight from one score to the next, in the
// middles of equal parts.
func tailNodes(edge float64) (s, weight []float64) {
	const smooth, straight = 12, 60
	s, weight = make([]float64, smooth), make([]float64, smooth)
	quad.Legendre{}.FixedLocations(s, weight, 0, edge)
	if edge < 1 {
		for i := range straight {
			s = append(s, edge+(float64(i)+0.5)/straight*(1-edge))
			weight = append(weight, (1-edge)/straight)
		}
	}
	return s, weight
}

// whole is the standard deviation of each step, and the probability that the portfolio is worth less than base, from equally likely values.
func (d *distribution) whole() (volatility, loss []float64) {
	all := d.quantiles(parts())
	values := make([]float64, fineness)
	for k := range d.mean {
		for i, row := range all {
			values[i] = row[k]
		}
		volatility = append(volatility, stat.StdDev(values, nil))
		at, _ := slices.BinarySearch(values, d.base)
		p := float64(at)
		if at > 0 && at < len(values) { // base lies between the middles of two parts
			p += (d.base-values[at-1])/(values[at]-values[at-1]) - 0.5
		}
		loss = append(loss, min(max(p/fineness, 0), 1))
	}
	return volatility, loss
}

// paths are a path for each origin. At each step it has the rank that its error has, in the distribution of the portfolio.
func (d *distribution) paths() risk.Paths {
	n, h := d.errors.Origins, d.errors.Horizon
	ranks := make([]float64, n)
	for i := range ranks {
		ranks[i] = (float64(i) + 0.5) / float64(n)
	}
	quantiles := d.quantiles(ranks)
	x := risk.Paths{Steps: h, Data: make([]float64, n*h)}
	order := make([]int, n)
	for k := range h {
		for o := range order {
			order[o] = o
		}
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Compare(d.errors.Row(a)[k], d.errors.Row(b)[k])
		})
		for rank, o := range order {
			x.Data[o*h+k] = quantiles[rank][k]
		}
	}
	return x
}
