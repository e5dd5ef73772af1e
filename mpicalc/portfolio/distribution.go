package portfolio

import (
	"cmp"
	"slices"

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

// fineness is how many equally likely parts a distribution is cut into, and tailNodes at how many places the mean of a tail is taken.
const (
	fineness  = 400
	tailNodes = 100
)

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
	at := make([]float64, tailNodes)
	for i := range at {
		s := (float64(i) + 0.5) / tailNodes
		at[i] = (1 - alpha) * s * s
	}
	q, worst := d.quantiles([]float64{1 - alpha})[0], d.quantiles(at)
	for k, v := range q {
		vaR = append(vaR, d.base-v)
		sum := 0.0
		for i, row := range worst {
			sum += (d.base - row[k]) * (2*float64(i) + 1)
		}
		es = append(es, max(sum/(tailNodes*tailNodes), vaR[k]))
	}
	return vaR, es
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
