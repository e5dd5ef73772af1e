package forecast

import "math"

// trimmed is the share of the weights that is cut off at each end of a combination.
const trimmed = 0.2

// rounding is how far equal forecasts may differ, relative to their size.
const rounding = 1e-10

// ranked is a forecast of one step in the order of all of them.
type ranked struct {
	value float64
	from  int // in pool.present
}

// present is a candidate that has forecasts from an origin.
type present struct {
	row    []float64 // those forecasts
	weight float64   // as a share of the weights of all that are present
	shares []float64 // what it has in the combination at each step
}

// combine writes the combination of the members into row o of out: at each step, the mean of those in the middle of the
// order of their forecasts, weighted. What lies below the quantile 0.2 of the weights or above 0.8 is cut off, so that a few
// members that go astray move nothing (Jose and Winkler 2008, International Journal of Forecasting 24, 163-169). The weight of a
// member without a forecast goes to the others. Without any forecast the row is missing. For the forecast from the end, shares
// tells what each member has in the combination.
func (c *pool) combine(out paths, o int) {
	row, total := out.row(o), 0.0
	c.present, c.order = c.present[:0], c.order[:0]
	for i := range c.all {
		m := &c.all[i]
		if o == 0 {
			clear(m.shares)
		}
		if m.Weight > 0 && !m.missing(o) {
			total += m.Weight
			c.order = append(c.order, ranked{from: len(c.present)})
			c.present = append(c.present, present{m.row(o), m.Weight, m.shares})
		}
	}
	if len(c.present) == 0 {
		fill(row, math.NaN())
		return
	}
	for i := range c.present {
		c.present[i].weight /= total
	}
	for k := range row {
		c.sort(k)
		upto, before := 0.0, trimmed
		lowest, above := math.NaN(), 0.0 // of those that count: the combination of equal forecasts is exact
		for i, r := range c.order {
			m := &c.present[r.from]
			upto += m.weight
			kept := min(max(upto, trimmed), 1-trimmed)
			if i == len(c.order)-1 {
				kept = 1 - trimmed
			}
			share := (kept - before) / (1 - 2*trimmed)
			if o == 0 {
				m.shares[k] = share
			}
			if share > 0 {
				if math.IsNaN(lowest) {
					lowest = r.value
				}
				above += share * (r.value - lowest)
			}
			before = kept
		}
		row[k] = lowest + above
	}
}

// sort orders the candidates by their forecasts of step k: by insertion, since the order differs little from that of the
// step before. Forecasts that differ by rounding only stay as they are.
func (c *pool) sort(k int) {
	order := c.order
	for i := range order {
		order[i].value = c.present[order[i].from].row[k]
	}
	for i := 1; i < len(order); i++ {
		x := order[i]
		least := x.value + rounding*math.Abs(x.value)
		j := i
		for ; j > 0 && order[j-1].value > least; j-- {
			order[j] = order[j-1]
		}
		order[j] = x
	}
}

// settle gives each member as its weight what it has in the forecast from the end, on average over the steps.
func (c *pool) settle() {
	for i := range c.all {
		m, sum := &c.all[i], 0.0
		for _, share := range m.shares {
			sum += share
		}
		m.atLimit = m.Weight > 0 && sum == 0
		m.Weight = sum / float64(len(m.shares))
	}
}
